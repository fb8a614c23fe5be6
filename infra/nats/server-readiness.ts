// Whether a nats-server takes clients, and whether it keeps what it acknowledges.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { OverseerError } from '#subjects/errors.ts';
import { isOurServer } from './server-identity.ts';
import { vault } from './vault.ts';

const ANSWER_MS = 2_000;
const POLL_MS = 50;

function answers(server: string, ca: string): Promise<boolean> {
  const { hostname: host, port } = new URL(`tls://${server}`);
  return new Promise((resolve) => {
    const options = { host: host.replace(/^\[|\]$/g, ''), port: Number(port), ca, checkServerIdentity: isOurServer };
    const socket = connect({ ...options, timeout: ANSWER_MS });
    const end = (outcome: boolean) => {
      socket.destroy();
      resolve(outcome);
    };
    // The server speaks first; its greeting means that it takes clients.
    socket.once('data', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

/** @throws OverseerError `unavailable` when it does not take clients in time */
export async function waitForServer(servers: readonly string[], ca: string, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (const server of servers) {
    while (!(await answers(server, ca))) {
      if (Date.now() > deadline) {
        throw new OverseerError('unavailable', `nats-server at ${server} took no clients within ${timeoutMs} ms`);
      }
      await pause(POLL_MS);
    }
  }
}

/** Where the server of this data folder shows its counters; null while it runs none. */
export function monitorUrl(data: string): string | null {
  const { root, pid } = vault(data);
  try {
    const own = `_${readFileSync(pid, 'utf8').trim()}.ports`;
    const file = readdirSync(root).find((name) => name.endsWith(own));
    const ports = JSON.parse(readFileSync(join(root, file ?? own), 'utf8')) as { monitoring?: string[] };
    return ports.monitoring?.[0] ?? null;
  } catch {
    return null;
  }
}

/** @throws OverseerError unless the running server says itself that it writes every acknowledged message through */
export async function assertWritesThrough(data: string): Promise<void> {
  const url = monitorUrl(data);
  const answer = url === null ? null : await fetch(`${url}/jsz`, { signal: AbortSignal.timeout(ANSWER_MS * 5) });
  const jetstream = (await answer?.json()) as { config?: { sync_always?: boolean } } | undefined;
  if (jetstream?.config?.sync_always === true) return;
  throw new OverseerError(
    'internal',
    'nats-server does not write acknowledged messages through to disk (sync_interval: always); it is not used',
  );
}
