// Moves rollouts on whenever something was told that may let the next nodes go, and by the clock: pauses end by themselves,
// rollouts begin, and what another scheduler heard is seen here too.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import type { Issuer } from './issuer.ts';
import { releaseDue } from './release.ts';

export interface ReleaseRounds extends Stoppable {
  wake(): void;
}

/** Nothing under way is one look at an index. */
const EVERY_MS = 1_000;
/** Many are told at once when a batch ends. However many there are, rounds rest as long as they take. */
const GATHER_MS = 20;

export function pacedRounds(round: () => Promise<unknown>, log: Logger): ReleaseRounds {
  const stopping = new AbortController();
  let waking = new AbortController();

  async function once(): Promise<void> {
    waking = new AbortController();
    try {
      await round();
    } catch (error) {
      if (!stopping.signal.aborted) log.warn({ err: error }, 'rollouts could not be moved on; tried again soon');
    }
  }

  async function keepOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      const began = performance.now();
      await once();
      const rest = Math.max(GATHER_MS, performance.now() - began);
      await pause(EVERY_MS, undefined, { signal: AbortSignal.any([stopping.signal, waking.signal]) }).catch(() => {});
      await pause(rest, undefined, { signal: stopping.signal }).catch(() => {});
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

export function startReleaseRounds(database: Database, issuer: Issuer, log: Logger): ReleaseRounds {
  return pacedRounds(() => releaseDue(database, issuer), log);
}
