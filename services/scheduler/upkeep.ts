// Rounds that make good what was lost: at start, every minute, and whenever the bus comes back. One at a time; one that
// fails is told and tried again with the next.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import type { Stoppable } from '#infra/nats/bus.ts';

export interface Round {
  readonly name: string;
  run(): Promise<unknown>;
}

export interface Upkeep extends Stoppable {
  /** Asks for a round soon; `whole` looks at everything instead of at what is behind. */
  wake(whole: boolean): void;
}

export const EVERY_MS = 60_000;
const RETRY_MS = 2_000;

/** @param rounds by what they look at */
export function startUpkeep(rounds: { whole: readonly Round[]; behind: readonly Round[] }, log: Logger): Upkeep {
  const stopping = new AbortController();
  let waking = new AbortController();
  let isWhole = true;

  async function once(): Promise<boolean> {
    const wanted = isWhole ? rounds.whole : rounds.behind;
    isWhole = false;
    waking = new AbortController();
    for (const { name, run } of wanted) {
      try {
        await run();
      } catch (error) {
        if (wanted === rounds.whole) isWhole = true;
        if (!stopping.signal.aborted) log.warn({ err: error, round: name }, 'a round of upkeep failed');
        return false;
      }
    }
    return true;
  }

  async function keepOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      const wait = (await once()) ? EVERY_MS : RETRY_MS;
      const signal = AbortSignal.any([stopping.signal, waking.signal]);
      await pause(wait, undefined, { signal }).catch(() => {});
    }
  }

  const done = keepOn();
  return {
    wake(whole) {
      isWhole ||= whole;
      waking.abort();
    },
    async stop() {
      stopping.abort();
      await done;
    },
  };
}
