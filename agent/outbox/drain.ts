// Sends what the spool holds, oldest first, one at a time, until each is stored by the core. Waits longer after every
// failure; what the core can never take is dropped and said.
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import { Bell } from '../bell.ts';
import type { Spool, SpooledEvent } from '../state/store.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

export interface Drain {
  /** Something new is to be sent. */
  wake(): void;
  linkIsBack(): void;
  stop(): Promise<void>;
}

interface Parts {
  readonly node: string;
  readonly spool: Spool;
  bus(): Pick<Bus, 'emit' | 'isConnected'> | null;
  readonly log: Pick<Logger, 'warn'>;
  random(): number;
  /** Tells that an event could not be taken. */
  onRefused(spooled: SpooledEvent, reason: string): void;
}

/** Codes that say something about this message, not about the moment. */
const NEVER_TAKEN = new Set(['invalid-input', 'too-large', 'forbidden']);

export function startDrain(parts: Parts): Drain {
  const bell = new Bell();
  let isStopping = false;
  let failures = 0;

  async function send(spooled: SpooledEvent): Promise<void> {
    const bus = parts.bus();
    if (!bus?.isConnected) return bell.wait(LONGEST_WAIT_MS);
    const { epoch } = parts.spool;
    const { sequence, event } = spooled;
    try {
      await bus.emit('nodeEvent', { node: parts.node }, event, { position: { epoch, sequence } });
      failures = 0;
    } catch (error) {
      if (!(error instanceof OverseerError) || !NEVER_TAKEN.has(error.code)) return failed(error, sequence);
      parts.log.warn({ error, sequence }, 'the core can not take an event; it is dropped');
      parts.onRefused(spooled, error.message);
    }
    parts.spool.release(sequence);
  }

  async function failed(error: unknown, sequence: number): Promise<void> {
    failures += 1;
    if (failures === 3) parts.log.warn({ error, sequence }, 'events can not be sent; they are kept');
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
        parts.log.warn({ error }, 'the event spool can not be read');
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
