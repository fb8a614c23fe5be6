// Sends what the spool holds, oldest first, one at a time, until each is stored by the core. Waits longer after every
// failure; what the core can never take is dropped and said.
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import { Bell } from '../bell.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

export interface Drain {
  /** Something new is to be sent. */
  wake(): void;
  linkIsBack(): void;
  stop(): Promise<void>;
}

interface Parts<S> {
  /** Told in the log: `event`. */
  readonly what: string;
  readonly spool: { oldest(): S | null; release(sequence: number): void };
  emit(bus: Pick<Bus, 'emit'>, spooled: S): Promise<unknown>;
  bus(): Pick<Bus, 'emit' | 'isConnected'> | null;
  readonly log: Pick<Logger, 'warn'>;
  random(): number;
  /** Tells that one could not be taken. */
  onRefused(spooled: S, reason: string): void;
}

/** Codes that say something about this message, not about the moment. */
const NEVER_TAKEN = new Set(['invalid-input', 'too-large', 'forbidden']);

export function startDrain<S extends { readonly sequence: number }>(parts: Parts<S>): Drain {
  const { what } = parts;
  const bell = new Bell();
  let isStopping = false;
  let failures = 0;

  async function send(spooled: S): Promise<void> {
    const bus = parts.bus();
    if (!bus?.isConnected) return bell.wait(LONGEST_WAIT_MS);
    const { sequence } = spooled;
    try {
      await parts.emit(bus, spooled);
      failures = 0;
    } catch (error) {
      if (!(error instanceof OverseerError) || !NEVER_TAKEN.has(error.code)) return failed(error, sequence);
      parts.log.warn({ error, sequence }, `the core can not take one ${what}; it is dropped`);
      parts.onRefused(spooled, error.message);
    }
    parts.spool.release(sequence);
  }

  async function failed(error: unknown, sequence: number): Promise<void> {
    failures += 1;
    if (failures === 3) parts.log.warn({ error, sequence }, `${what}s can not be sent; they are kept`);
    const longest = Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS);
    await bell.wait(longest * (0.5 + parts.random() / 2));
  }

  async function drain(): Promise<void> {
    while (!isStopping) {
      try {
        const spooled = parts.spool.oldest();
        await (spooled === null ? bell.wait(LONGEST_WAIT_MS) : send(spooled));
      } catch (error) {
        // The disk, not the link: without the spool the agent still runs stacks.
        parts.log.warn({ error }, `the spool of ${what}s can not be read`);
        await bell.wait(LONGEST_WAIT_MS);
      }
    }
  }

  const done = drain();
  return {
    wake() {
      // After a failure only the wait counts: new events must not turn back-off into a hammer.
      if (failures === 0) bell.ring();
    },
    linkIsBack() {
      failures = 0;
      bell.ring();
    },
    async stop() {
      isStopping = true;
      bell.ring();
      await done;
    },
  };
}
