// Moves rollouts on whenever something was told that may let the next nodes go, and by the clock while any is under way:
// pauses end by themselves, and what another scheduler heard is seen here too.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import type { Issuer } from './issuer.ts';
import { releaseDue } from './release.ts';

export interface ReleaseRounds extends Stoppable {
  wake(): void;
}

const UNDER_WAY_MS = 1_000;
/** How long a rollout that another scheduler began, and died, waits for somebody to see it. */
const AT_REST_MS = 10_000;
/** Many are told at once when a batch ends. */
const GATHER_MS = 20;

export function startReleaseRounds(database: Database, issuer: Issuer, log: Logger): ReleaseRounds {
  const stopping = new AbortController();
  let waking = new AbortController();

  async function once(): Promise<number> {
    waking = new AbortController();
    try {
      return (await releaseDue(database, issuer)) > 0 ? UNDER_WAY_MS : AT_REST_MS;
    } catch (error) {
      if (!stopping.signal.aborted) log.warn({ err: error }, 'rollouts could not be moved on; tried again soon');
      return UNDER_WAY_MS;
    }
  }

  async function keepOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      const wait = await once();
      await pause(wait, undefined, { signal: AbortSignal.any([stopping.signal, waking.signal]) }).catch(() => {});
      await pause(GATHER_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const done = keepOn();
  return {
    wake: () => waking.abort(),
    async stop() {
      stopping.abort();
      await done;
    },
  };
}
