// A stream of the bus as the gateway's callers see it: followed live by many, and paged backwards.
import type { Bus, LiveMessage } from '#infra/nats/bus.ts';
import type { StreamName } from '#subjects/define.ts';
import { Reader } from './reader.ts';

export interface LiveStream {
  /** Sequence of the newest message; 0 when there is none. */
  last(): Promise<number>;
  /** Messages after `from`, then those that come. */
  follow(from: number, signal: AbortSignal): AsyncGenerator<LiveMessage, void, undefined>;
  /** Stored messages after `from` up to `to`, and then no more. */
  between(from: number, to: number, signal: AbortSignal): AsyncGenerator<LiveMessage, void, undefined>;
  /** Messages before `cursor` (null: the newest), newest first. `next` is the cursor for those before them. */
  before(cursor: number | null, limit: number): Promise<{ messages: LiveMessage[]; next: number | null }>;
  stop(): Promise<void>;
}

const BEYOND = Number.MAX_SAFE_INTEGER;
/** Sequences are without holes but for messages that expired or can't be read; so windows grow quickly. */
const WIDEN = 4;
const PAGE = 256;

export function openLiveStream(bus: Bus, stream: StreamName): LiveStream {
  const readers = new Set<Reader>();
  const subscription = bus.follow(stream, (message) => {
    for (const reader of readers) reader.take(message);
  });
  bus.onStatus(({ type }) => {
    if (type === 'reconnected') for (const reader of readers) reader.fallBehind();
  });

  async function last(): Promise<number> {
    const { messages, lastSequence } = await bus.history(stream, BEYOND, 1);
    return messages.at(-1)?.streamSequence ?? lastSequence;
  }

  return {
    last,
    async *follow(from, signal) {
      const reader = new Reader(bus, stream);
      readers.add(reader);
      try {
        yield* reader.read(from, signal);
      } finally {
        readers.delete(reader);
      }
    },
    async *between(from, to, signal) {
      for (let after = from; after < to && !signal.aborted; ) {
        const { messages } = await bus.history(stream, after + 1, PAGE);
        for (const message of messages) {
          if (message.streamSequence > to || signal.aborted) return;
          yield message;
        }
        after = messages.at(-1)?.streamSequence ?? to;
      }
    },
    async before(cursor, limit) {
      const found: LiveMessage[] = [];
      let end = cursor ?? (await last()) + 1;
      for (let width = limit; found.length < limit && end > 1; width *= WIDEN) {
        const start = Math.max(1, end - width);
        const { messages } = await bus.history(stream, start, end - start);
        found.unshift(...messages.filter(({ streamSequence }) => streamSequence < end));
        end = start;
      }
      const messages = found.slice(-limit).reverse();
      const oldest = messages.at(-1)?.streamSequence ?? 1;
      return { messages, next: oldest > 1 && messages.length === limit ? oldest : null };
    },
    stop: () => subscription.stop(),
  };
}
