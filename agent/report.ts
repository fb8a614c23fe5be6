// Tells the core the node's whole state: after every change, and every minute. Only the newest is owed, so nothing is
// kept when it can't be sent: the next one says it all. One that is too large for a message is sent with less in it, and
// says so.
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Report } from '#subjects/schema/report.ts';
import { REDUCTIONS, reducedReport } from './reduced-report.ts';

/** Changes come in bursts; a report a burst is enough. */
const GATHER_MS = 200;
const AT_LEAST_EVERY_MS = 60_000;
const RETRY_MS = 2_000;

export interface Reporter {
  /** Something changed. The first after a quiet time goes at once. */
  soon(): void;
  stop(): Promise<void>;
}

interface Parts {
  readonly node: string;
  bus(): Pick<Bus, 'emit' | 'isConnected'> | null;
  build(): Report;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>;
}

const isTooLarge = (error: unknown) => error instanceof OverseerError && error.code === 'too-large';

export function startReporter({ node, bus, build, log }: Parts): Reporter {
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let lastAt = Number.NEGATIVE_INFINITY;
  let sending: Promise<void> | null = null;
  let isStopped = false;

  function schedule(inMs: number): void {
    if (isStopped) return;
    const at = performance.now() + inMs;
    if (at >= dueAt) return;
    dueAt = at;
    clearTimeout(timer);
    timer = setTimeout(fire, inMs);
  }

  function fire(): void {
    dueAt = Number.POSITIVE_INFINITY;
    if (sending !== null) {
      schedule(GATHER_MS);
      return;
    }
    lastAt = performance.now();
    sending = send().then((wasSent) => {
      sending = null;
      schedule(wasSent ? AT_LEAST_EVERY_MS : RETRY_MS);
    });
  }

  /** Since when reports are reduced; null while they are whole. */
  let reducedSince: string | null = null;

  async function sendReduced(link: Pick<Bus, 'emit'>, whole: Report, why: unknown): Promise<void> {
    if (reducedSince === null) log.warn({ error: why }, 'the report is larger than a message; containers are left out');
    reducedSince ??= whole.at;
    for (let step = 1; ; step += 1) {
      try {
        await link.emit('nodeReport', { node }, reducedReport(whole, step, reducedSince));
        return;
      } catch (error) {
        if (!isTooLarge(error) || step === REDUCTIONS) throw error;
      }
    }
  }

  async function sendWhole(link: Pick<Bus, 'emit'>): Promise<void> {
    const whole = build();
    try {
      await link.emit('nodeReport', { node }, whole);
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      return sendReduced(link, whole, error);
    }
    if (reducedSince !== null) log.info('the report is whole again');
    reducedSince = null;
  }

  async function send(): Promise<boolean> {
    const link = bus();
    // The link's return calls for a report itself.
    if (!link?.isConnected) return true;
    try {
      await sendWhole(link);
      return true;
    } catch (error) {
      if (isTooLarge(error)) log.warn({ error }, 'not even the shortest report fits into a message');
      else log.debug({ error }, 'a report was not taken');
      return false;
    }
  }

  schedule(AT_LEAST_EVERY_MS);
  return {
    soon: () => schedule(Math.max(0, lastAt + GATHER_MS - performance.now())),
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await sending;
    },
  };
}
