// Receiving from a durable: handle, then acknowledge; back off and try again; keep aside what can't be handled. Messages
// of one subject are handled in order, unless their receiver has no use for it; those of different subjects side by side.
import type { Event, StreamName } from '#subjects/define.ts';
import { OverseerError } from '#subjects/errors.ts';
import { parseSubject } from '#subjects/subject.ts';
import type { Bus, ConsumeOptions, DeadLetter, EventName } from './bus.ts';
import { lanes } from './lanes.ts';
import { decodeWire, positionOf } from './messages.ts';
import { type Pulled, pullFrom } from './pull.ts';
import { roomOfEvent } from './room.ts';
import { entryOf, InFlight, type Speaker } from './speaker.ts';

/** Waits before the second, third, fourth and fifth delivery. */
const BACK_OFF_MS = [1_000, 5_000, 30_000, 120_000] as const;
const LAST_DELIVERY = BACK_OFF_MS.length + 1;
/** A third of the durable's ack_wait: what is still being handled must not be delivered to somebody else. */
const STILL_WORKING_MS = 3_000;

/** Of messages whose order means nothing: so many are in work, and of one subject at most half of them. */
const IN_WORK = 32;

export function backOffMs(deliveryCount: number): number {
  return BACK_OFF_MS[Math.min(Math.max(deliveryCount, 1), BACK_OFF_MS.length) - 1] as number;
}

/**
 * Whether what could not be handled is given up. Never for what says something about the moment: after a long outage of the
 * database everything has been delivered often, and none of it is at fault. What is too large stays so.
 */
export function isGivenUp(error: unknown, deliveryCount: number): boolean {
  const code = error instanceof OverseerError ? error.code : null;
  if (code === 'unavailable' || code === 'timeout') return false;
  return code === 'too-large' || deliveryCount >= LAST_DELIVERY;
}

function letterOf(stream: StreamName, message: Pulled, reason: string): DeadLetter {
  const { subject, streamSequence, payload } = message;
  return { stream, subject, streamSequence, payload, reason };
}

/** The message that has this subject; the first when none has: then it is set aside as that. */
function nameOf<N extends EventName>(names: readonly [N, ...N[]], subject: string): N {
  return names.find((name) => parseSubject(entryOf(name, 'event').subject, subject) !== null) ?? names[0];
}

async function handleOne<N extends EventName>(
  speaker: Speaker,
  names: readonly [N, ...N[]],
  options: ConsumeOptions<N>,
  message: Pulled,
): Promise<void> {
  const name = nameOf(names, message.subject);
  const entry = entryOf(name, 'event');
  const { deliveryCount, streamSequence, storedAt } = message;
  const setAside = async (reason: string) => {
    speaker.log.error({ message: name, subject: message.subject, streamSequence, reason }, 'a message is set aside');
    await options.deadLetter(letterOf(entry.stream, message, reason));
    message.ack();
  };
  try {
    const parameters = parseSubject(entry.subject, message.subject);
    const decoded = decodeWire(entry.schema, message.payload, message.headers, roomOfEvent(entry));
    if (parameters === null || !decoded.ok) {
      const reason = decoded.ok ? 'subject of another message' : decoded.reason;
      speaker.rejected(name, reason);
      return await setAside(reason);
    }
    try {
      const position = positionOf(message.headers);
      const body = decoded.body;
      const refused = options.refuse?.(body as never) ?? null;
      if (refused !== null) return await setAside(refused);
      await options.handle({ name, body, parameters, position, deliveryCount, streamSequence, storedAt } as never);
      message.ack();
    } catch (error) {
      if (isGivenUp(error, deliveryCount))
        return await setAside(error instanceof Error ? error.message : String(error));
      speaker.log.warn({ message: name, streamSequence, deliveryCount, err: error }, 'not handled, delivered again');
      message.retryAfter(backOffMs(deliveryCount));
    }
  } catch (error) {
    speaker.log.error({ message: name, streamSequence, err: error }, 'a message could not even be set aside');
    message.retryAfter(backOffMs(deliveryCount));
  }
}

export function consumer(speaker: Speaker): Bus['consume'] {
  return <N extends EventName>(given: N | readonly N[], options: ConsumeOptions<N>) => {
    const names = [given].flat() as [N, ...N[]];
    const [{ stream }, ...others] = names.map((name) => entryOf(name, 'event')) as [Event, ...Event[]];
    if (others.some((entry) => entry.stream !== stream)) throw new TypeError(`${names.join(', ')}: of several streams`);
    const inFlight = new InFlight();
    const sideBySide = options.isOrdered === false ? lanes(IN_WORK, IN_WORK / 2) : null;
    const lastOfSubject = new Map<string, Promise<void>>();

    function take(message: Pulled): void {
      // From now on, not from its turn: those that wait behind others of their subject are ours too.
      const working = setInterval(() => message.working(), STILL_WORKING_MS);
      const handle = () => handleOne(speaker, names, options, message);
      const before = lastOfSubject.get(message.subject) ?? Promise.resolve();
      const work = sideBySide ? sideBySide.run(message.subject, handle) : before.then(handle);
      if (!sideBySide) lastOfSubject.set(message.subject, work);
      inFlight.add(
        work.finally(() => {
          clearInterval(working);
          if (lastOfSubject.get(message.subject) === work) lastOfSubject.delete(message.subject);
        }),
      );
    }

    const receiving = pullFrom(speaker, stream, speaker.name, take);
    return {
      async stop() {
        await receiving.stop();
        await inFlight.settled();
      },
    };
  };
}
