// Until when somebody waits for an answer. What is stored later would be a change of which they were told that it failed.
import type { Database } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import { type Em, lockPlacement } from './store/rows.ts';

export interface Deadline {
  /** Aborted when it has passed. */
  readonly signal: AbortSignal;
  /** @throws OverseerError `timeout` when it has passed */
  check(): void;
  /**
   * Work that may go on when it has passed, but for nobody.
   * @throws OverseerError `timeout`
   */
  within<T>(work: Promise<T>): Promise<T>;
}

/** @param what takes so long, and what to do about it */
export function deadlineIn(ms: number, what: string): Deadline {
  const signal = AbortSignal.timeout(ms);
  const late = () =>
    new OverseerError('timeout', `nothing was stored: ${what} (longer than ${Math.round(ms / 100) / 10} s)`);
  const check = () => {
    if (signal.aborted) throw late();
  };
  return {
    signal,
    check,
    async within(work) {
      let stop = () => {};
      const passed = new Promise<never>((_, reject) => {
        stop = () => reject(late());
        signal.addEventListener('abort', stop, { once: true });
        if (signal.aborted) stop();
      });
      try {
        return await Promise.race([work, passed]);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
  };
}

/** Under the placement lock, for which may be waited long; stored before the deadline or not at all. */
export function storeBefore<T>(database: Database, deadline: Deadline, work: (em: Em) => Promise<T>): Promise<T> {
  return database.transaction(async (em) => {
    await lockPlacement(em);
    deadline.check();
    const stored = await work(em);
    deadline.check();
    return stored;
  });
}
