// Waiting until the gateway says that the core is ready, and finding out early that it can't be.
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const READY_MS = 120_000;

/** What the core still waits for, as /readyz tells it; null when it is ready. */
async function missing(url: string): Promise<string | null> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    return answer.ok ? null : (await answer.text()).slice(0, 500);
  } catch {
    return 'the gateway does not answer yet';
  }
}

/** @throws Error that says what is still missing, or the reason of the signal */
export async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    signal.throwIfAborted();
    const still = await missing(url);
    if (still === null) return;
    if (Date.now() > deadline) throw new Error(`the core is not ready after ${READY_MS / 1000} s: ${still}`);
    await pause(50);
  }
}

/** @throws Error that names the setting when something else listens there */
export async function assertFree(setting: string, { host, port }: { host: string; port: number }): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
      reject(new Error(`${host}:${port} can't be used (${reason}); set ${setting} to another address`));
    });
    probe.listen(port, host, resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
}

/** Nobody can dial the addresses that mean all of them. */
export function dialled(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
