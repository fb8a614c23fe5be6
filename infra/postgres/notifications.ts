// LISTEN on a connection of its own, made anew when it breaks. A notification is a hint: whoever gets one looks.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import type { ConnectionPool } from './pool.ts';

const RETRY_MS = 1_000;

export function listenOn(pool: ConnectionPool, channel: string, wake: () => void, log: Logger): Stoppable {
  const stopping = new AbortController();

  async function once(): Promise<void> {
    const connection = await pool.connect();
    const broken = Promise.withResolvers<void>();
    const end = () => broken.resolve();
    connection.on('notification', wake);
    connection.on('end', end);
    connection.on('error', end);
    stopping.signal.addEventListener('abort', end, { once: true });
    try {
      await connection.query(`listen ${channel}`);
      wake();
      if (!stopping.signal.aborted) await broken.promise;
    } finally {
      connection.off('notification', wake);
      connection.off('end', end);
      connection.off('error', end);
      stopping.signal.removeEventListener('abort', end);
      // Given back it would go on listening for its next user.
      connection.release(true);
    }
  }

  async function keepListening(): Promise<void> {
    while (!stopping.signal.aborted) {
      await once().catch((error: unknown) => log.debug({ err: error, channel }, 'notifications are lost for now'));
      await pause(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const done = keepListening();
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}
