// Events on their way into a stream.
import { jetstream } from '@nats-io/jetstream';
import { subjectOf } from '#subjects/subject.ts';
import type { Bus } from './bus.ts';
import { busFault } from './faults.ts';
import { encodeWire, positionHeaders } from './messages.ts';
import { roomOfEvent } from './room.ts';
import { entryOf, type Speaker } from './speaker.ts';

/** A new leader takes up to seven seconds; senders keep what they send and try again. */
const TIMEOUT_MS = 5_000;

/** No message id: whoever used it first in a stream would have ours dropped as a duplicate. */
export function emitter(speaker: Speaker): Bus['emit'] {
  const js = jetstream(speaker.nc);
  return async (name, parameters, body, options = {}) => {
    const entry = entryOf(name, 'event');
    const subject = subjectOf(entry.subject, parameters as object);
    const sent = positionHeaders(options.position);
    const { payload, headers = sent } = encodeWire(name, entry.schema, body, roomOfEvent(entry), sent);
    try {
      const timeout = options.timeoutMs ?? TIMEOUT_MS;
      return (await speaker.link.during(() => js.publish(subject, payload, { headers, timeout }))).seq;
    } catch (error) {
      throw busFault(error, name);
    }
  };
}
