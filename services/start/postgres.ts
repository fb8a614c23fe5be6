// The embedded PostgreSQL, watched: it is no child of ours, so that it outlives a kill and no write is cut off.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import { type EmbeddedPostgres, startPostgres } from '#infra/postgres/embedded.ts';
import { isAlive } from '#infra/process/group.ts';

const LOOK_MS = 1_000;

export async function keepPostgres(folder: string, log: Logger): Promise<{ stop(): Promise<void> }> {
  let running: EmbeddedPostgres = await startPostgres(folder);
  const ending = new AbortController();
  const watch = (async () => {
    while (!ending.signal.aborted) {
      await pause(LOOK_MS, undefined, { signal: ending.signal }).catch(() => {});
      if (ending.signal.aborted || isAlive(running.pid)) continue;
      log.warn({ child: 'postgres' }, 'PostgreSQL ended, starting it again');
      running = await startPostgres(folder).catch((error: unknown) => {
        log.error({ err: error }, 'PostgreSQL does not start');
        return running;
      });
    }
  })();
  return {
    async stop() {
      ending.abort();
      await watch;
      if (isAlive(running.pid)) await running.stop();
    },
  };
}
