// State: one value a subject, written by compare-and-set, read whole, pushed after it is stored.
import { jetstream } from '@nats-io/jetstream';
import { Empty, type Msg } from '@nats-io/transport-node';
import { OverseerError } from '#subjects/errors.ts';
import { directGet } from '#subjects/permissions.ts';
import { subjectOf } from '#subjects/subject.ts';
import type { Bus, StoredState } from './bus.ts';
import { busFault } from './faults.ts';
import { generationHeaders, generationOf, serverNumber } from './messages.ts';
import { entryOf, listened, type Speaker, subscribed } from './speaker.ts';

/** A stream without a leader takes up to seven seconds to get one. */
const PUT_TIMEOUT_MS = 10_000;
const ATTEMPT_MS = 2_000;
const READ_TIMEOUT_MS = 5_000;
const NOT_FOUND = 404;

export function reader(speaker: Speaker): Bus['read'] {
  return async (name, parameters) => {
    const entry = entryOf(name, 'state');
    const subject = directGet(entry.stream, subjectOf(entry.subject, parameters as object));
    let answer: Msg;
    try {
      // With any body at all the server answers 408.
      answer = await speaker.link.during(() => speaker.nc.request(subject, Empty, { timeout: READ_TIMEOUT_MS }));
    } catch (error) {
      throw busFault(error, name);
    }
    const status = answer.headers?.code ?? 0;
    if (status === NOT_FOUND) return null;
    if (status !== 0) throw new OverseerError('unavailable', `${name}: ${status} ${answer.headers?.description}`);
    const streamSequence = serverNumber(answer.headers, 'Nats-Sequence');
    return { payload: answer.data, streamSequence, generation: generationOf(answer.headers) };
  };
}

function isSame(stored: StoredState | null, payload: Uint8Array, generation: number): stored is StoredState {
  return stored?.generation === generation && Buffer.compare(stored.payload, payload) === 0;
}

export function putter(speaker: Speaker): Bus['put'] {
  const js = jetstream(speaker.nc);
  const read = reader(speaker);
  return async (name, parameters, payload, { expectedSequence, generation, timeoutMs = PUT_TIMEOUT_MS }) => {
    const entry = entryOf(name, 'state');
    const subject = subjectOf(entry.subject, parameters as object);
    const deadline = performance.now() + timeoutMs;
    for (let attempt = 1; ; attempt++) {
      const remaining = deadline - performance.now();
      try {
        const attempted = {
          headers: generationHeaders(generation),
          expect: { lastSubjectSequence: expectedSequence },
          timeout: Math.max(1, Math.min(ATTEMPT_MS, remaining)),
        };
        return (await speaker.link.during(() => js.publish(subject, payload, attempted))).seq;
      } catch (error) {
        const fault = busFault(error, name);
        // An attempt before may have been stored though its acknowledgement was lost: then it is ours that stands there.
        if (fault.code === 'conflict' && attempt > 1) {
          const stored = await read(name, parameters);
          if (isSame(stored, payload, generation)) return stored.streamSequence;
        }
        const isTransient = fault.code === 'timeout' || fault.code === 'unavailable';
        if (!isTransient || performance.now() >= deadline) throw fault;
        await new Promise((resolve) => setTimeout(resolve, Math.min(500, Math.max(0, deadline - performance.now()))));
      }
    }
  };
}

export function watcher(speaker: Speaker): Bus['watch'] {
  return (name, own, handle) =>
    subscribed(speaker, listened(entryOf(name, 'state').push, own), undefined, (message) => handle(message.data));
}
