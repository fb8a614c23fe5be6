// The transactional outbox, sending side. It runs until stopped: rounds follow each other while there is something to
// send, then it sleeps until a notification, and looks once a second in case one was missed.
import type { Logger } from '#infra/logger.ts';
import type { Bus, Stoppable } from '#infra/nats/bus.ts';
import type { Service } from '#subjects/principals.ts';
import type { Database } from './orm.ts';
import { type Failpoint, purgeSent, relayRound } from './relay-round.ts';

export type { Failpoint } from './relay-round.ts';

export interface RelayOptions {
  readonly database: Database;
  readonly bus: Bus;
  readonly service: Service;
  readonly log: Logger;
  /** Called at every point where a crash would have another consequence; tests die there. */
  readonly failpoint?: (at: Failpoint) => void | Promise<void>;
}

/** When a notification was lost with its connection. */
const POLL_MS = 1_000;
const MAX_BACKOFF_MS = 5_000;
const PURGE_EVERY_MS = 60_000;

/** One sleeper, woken by whoever has news; news that come while it is awake are not lost. */
class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async heard(timeoutMs: number): Promise<void> {
    if (!this.#rung) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
      this.#wake = null;
    }
    this.#rung = false;
  }
}

export function startRelay(options: RelayOptions): Stoppable {
  const { database, bus, service, log } = options;
  const bell = new Bell();
  let isStopping = false;
  let failures = 0;
  let purgedAt = performance.now();

  /** @returns milliseconds until the next look */
  async function look(): Promise<number> {
    if (!bus.isConnected) return POLL_MS;
    try {
      const { hasMore, failed } = await relayRound(options);
      if (performance.now() - purgedAt > PURGE_EVERY_MS) {
        purgedAt = performance.now();
        await purgeSent(database, service);
      }
      failures = failed === null ? 0 : failures + 1;
      if (failed !== null && failures === 1) log.warn({ err: failed }, 'what the outbox holds could not be sent yet');
      if (failed === null) return hasMore ? 0 : POLL_MS;
    } catch (error) {
      failures += 1;
      if (failures === 1) log.warn({ err: error }, 'the outbox could not be read');
    }
    return Math.min(MAX_BACKOFF_MS, 100 * 2 ** Math.min(failures, 10));
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      const waitMs = await look();
      if (waitMs > 0 && !isStopping) await bell.heard(waitMs);
    }
  }

  const notifications = database.listen(`outbox_${service}`, () => bell.ring());
  bus.onStatus(({ type }) => {
    if (type === 'reconnected') bell.ring();
  });
  const done = run();
  return {
    async stop() {
      isStopping = true;
      bell.ring();
      await Promise.all([done, notifications.stop()]);
    },
  };
}
