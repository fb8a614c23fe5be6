// Work that comes back: one task after the other, every half minute, the first round at once. What fails is told and
// tried again with the next round.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import type { Stoppable } from '#infra/nats/bus.ts';

export interface Task {
  readonly name: string;
  run(): Promise<unknown>;
  /** Until it has succeeded once, instead of in every round. */
  readonly isOnce?: boolean;
}

const EVERY_MS = 30_000;
const RETRY_MS = 2_000;

export function startUpkeep(tasks: readonly Task[], log: Logger): Stoppable {
  const stopping = new AbortController();
  const done = new Set<Task>();

  async function round(): Promise<boolean> {
    let isWell = true;
    for (const task of tasks) {
      if (stopping.signal.aborted || done.has(task)) continue;
      try {
        await task.run();
        if (task.isOnce) done.add(task);
      } catch (error) {
        isWell = false;
        log.warn({ err: error, task: task.name }, 'a task of upkeep failed and is tried again');
      }
    }
    return isWell;
  }

  async function keepOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waitMs = (await round()) ? EVERY_MS : RETRY_MS;
      await pause(waitMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const finished = keepOn();
  return {
    async stop() {
      stopping.abort();
      await finished;
    },
  };
}
