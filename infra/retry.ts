// Waiting for a part that is not there yet: tries again with growing pauses, says so in the log, stops when told.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from './logger.ts';

/** Short at first, since parts of one machine start together; seldom later, since an outage may last hours. */
export const PATIENT_DELAYS_MS = [100, 250, 500, 1_000, 2_000, 5_000] as const;
/** One line when the wait begins, then one for about every half minute. */
const LINE_EVERY = 6;

export interface Patience {
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
  readonly delaysMs?: readonly number[];
  /** False for errors that time does not heal. */
  isWorthAnother?(error: unknown): boolean;
}

/** @throws what `work` threw when another try is not worth it, or the reason of the signal */
export async function untilDone<T>(what: string, work: () => Promise<T>, patience: Patience): Promise<T> {
  const { log, signal, delaysMs = PATIENT_DELAYS_MS, isWorthAnother = () => true } = patience;
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted();
    try {
      const result = await work();
      if (failures > 0) log.info(`${what} answers`);
      return result;
    } catch (error) {
      if (!isWorthAnother(error)) throw error;
      if (failures % LINE_EVERY === 0) log.warn({ err: error }, `waiting for ${what}`);
    }
    const delay = delaysMs[Math.min(failures, delaysMs.length - 1)] ?? 1_000;
    await pause(delay, undefined, signal ? { signal } : {});
  }
}
