// Receiving from a durable: handle, then acknowledge; back off and try again; keep aside what can't be handled. Messages
// of one subject are handled in order, those of different subjects side by side.
import { setTimeout as pause } from 'node:timers/promises';
import { type Consumer, type ConsumerInfo, type ConsumerMessages, type JsMsg, jetstream } from '@nats-io/jetstream';
import type { StreamName } from '#subjects/define.ts';
import { parseSubject } from '#subjects/subject.ts';
import type { Bus, ConsumeOptions, DeadLetter, EventName } from './bus.ts';
import { decodeBody, positionOf } from './messages.ts';
import { entryOf, InFlight, type Speaker } from './speaker.ts';

/** Waits before the second, third, fourth and fifth delivery. */
const BACK_OFF_MS = [1_000, 5_000, 30_000, 120_000] as const;
const LAST_DELIVERY = BACK_OFF_MS.length + 1;
/** A third of the durable's ack_wait: what is still being handled must not be delivered to somebody else. */
const STILL_WORKING_MS = 10_000;
const RESUBSCRIBE_MS = 1_000;
/** Two of these without a sign of life, and the pull is made anew. */
const IDLE_HEARTBEAT_MS = 5_000;

export function backOffMs(deliveryCount: number): number {
  return BACK_OFF_MS[Math.min(Math.max(deliveryCount, 1), BACK_OFF_MS.length) - 1] as number;
}

/** Bound without asking the server about it: nobody but the provisioner may. */
function bound({ nc }: Speaker, stream: StreamName, durable: string): Consumer {
  const config = { name: durable, durable_name: durable, ack_policy: 'explicit' };
  return jetstream(nc).consumers.getConsumerFromInfo({
    stream_name: stream,
    name: durable,
    config,
  } as unknown as ConsumerInfo);
}

function letterOf(stream: StreamName, message: JsMsg, reason: string): DeadLetter {
  const { subject, seq: streamSequence, data: payload } = message;
  return { stream, subject, streamSequence, payload, reason };
}

/** A pull that got no answer is made anew by whoever reads the messages. */
async function closeWhenSilent(messages: ConsumerMessages): Promise<void> {
  for await (const status of messages.status()) {
    if (['heartbeats_missed', 'no_responders', 'consumer_deleted', 'exceeded_limits'].includes(status.type)) {
      await messages.close();
      return;
    }
  }
}

async function handleOne<N extends EventName>(
  speaker: Speaker,
  name: N,
  options: ConsumeOptions<N>,
  message: JsMsg,
): Promise<void> {
  const entry = entryOf(name, 'event');
  const { deliveryCount, streamSequence } = message.info;
  const working = setInterval(() => message.working(), STILL_WORKING_MS);
  const setAside = async (reason: string) => {
    speaker.log.error({ message: name, subject: message.subject, streamSequence, reason }, 'a message is set aside');
    await options.deadLetter(letterOf(entry.stream, message, reason));
    message.ack();
  };
  try {
    const parameters = parseSubject(entry.subject, message.subject);
    const decoded = decodeBody(entry.schema, message.data);
    if (parameters === null || !decoded.ok) {
      const reason = decoded.ok ? 'subject of another message' : decoded.reason;
      speaker.rejected(name, reason);
      return await setAside(reason);
    }
    try {
      const position = positionOf(message.headers);
      const body = decoded.body;
      await options.handle({ body, parameters, position, deliveryCount, streamSequence } as never);
      message.ack();
    } catch (error) {
      // Tried first whatever the count: after a long outage of the database everything has been delivered often.
      if (deliveryCount >= LAST_DELIVERY) return await setAside(error instanceof Error ? error.message : String(error));
      speaker.log.warn({ message: name, streamSequence, deliveryCount, err: error }, 'not handled, delivered again');
      message.nak(backOffMs(deliveryCount));
    }
  } catch (error) {
    speaker.log.error({ message: name, streamSequence, err: error }, 'a message could not even be set aside');
    message.nak(backOffMs(deliveryCount));
  } finally {
    clearInterval(working);
  }
}

export function consumer(speaker: Speaker): Bus['consume'] {
  return (name, options) => {
    const { stream } = entryOf(name, 'event');
    const stopping = new AbortController();
    const inFlight = new InFlight();
    const lastOfSubject = new Map<string, Promise<void>>();
    let current: ConsumerMessages | null = null;

    function take(message: JsMsg): void {
      const before = lastOfSubject.get(message.subject) ?? Promise.resolve();
      const work = before.then(() => handleOne(speaker, name, options, message)).catch(() => {});
      lastOfSubject.set(message.subject, work);
      inFlight.add(
        work.then(() => {
          if (lastOfSubject.get(message.subject) === work) lastOfSubject.delete(message.subject);
        }),
      );
    }

    async function receive(): Promise<void> {
      const durable = bound(speaker, stream, speaker.name);
      while (!stopping.signal.aborted && !speaker.nc.isClosed()) {
        try {
          current = await durable.consume({
            max_messages: 64,
            expires: 30_000,
            idle_heartbeat: IDLE_HEARTBEAT_MS,
            bind: true,
          });
          void closeWhenSilent(current);
          for await (const message of current) take(message);
        } catch (error) {
          speaker.log.warn({ message: name, err: error }, 'receiving was interrupted');
        }
        await pause(RESUBSCRIBE_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }

    const done = receive();
    return {
      async stop() {
        stopping.abort();
        await current?.close();
        await done;
        await inFlight.settled();
      },
    };
  };
}
