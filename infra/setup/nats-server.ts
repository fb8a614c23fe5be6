// A nats-server of a safe version: the machine's own, or Debian's newest in the cache.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { run } from '#infra/process.ts';
import { cacheFolder, filledOnce } from './cache-folder.ts';
import { unpackPackages } from './debian.ts';

/** Older ones let a client out of its account, or slip past its permissions (see docs/adr). */
export const NATS_SERVER_MINIMUM = '2.14.0';

/** `nats-server: v2.15.1` -> `2.15.1`; null for anything else. */
export function natsServerVersion(printed: string): string | null {
  return semver.valid(/^nats-server: v(\S+)/m.exec(printed)?.[1] ?? '');
}

export function isSafeNatsServer(version: string): boolean {
  return semver.gte(version, NATS_SERVER_MINIMUM);
}

async function versionOf(file: string): Promise<string | null> {
  const { exitCode, stdout, stderr } = await run(file, ['-v'], { timeoutMs: 10_000 });
  return exitCode === 0 ? natsServerVersion(stdout + stderr) : null;
}

function cached(): string[] {
  const folder = cacheFolder();
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^nats-server-\d+\.\d+\.\d+$/.test(name))
    .sort((a, b) => semver.compare(b.slice(12), a.slice(12)))
    .map((name) => join(folder, name, 'nats-server'));
}

async function fetched(): Promise<string> {
  console.error('Fetching nats-server (once)');
  const unpacked = cacheFolder(`nats-server-unpacked-${process.pid}`);
  try {
    await unpackPackages(['nats-server'], unpacked);
    const binary = join(unpacked, 'usr/sbin/nats-server');
    const version = await versionOf(binary);
    if (version === null || !isSafeNatsServer(version)) {
      throw new Error(`Debian's nats-server is ${version ?? 'unusable'}, but ${NATS_SERVER_MINIMUM} is needed`);
    }
    const folder = await filledOnce(cacheFolder(`nats-server-${version}`), async (unfinished) => {
      mkdirSync(unfinished, { recursive: true });
      copyFileSync(binary, join(unfinished, 'nats-server'));
      chmodSync(join(unfinished, 'nats-server'), 0o755);
    });
    return join(folder, 'nats-server');
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
}

/** Path of a safe nats-server. `OVERSEER_NATS_SERVER` names one, and must name a safe one. */
export async function natsServerPath(): Promise<string> {
  const named = process.env['OVERSEER_NATS_SERVER'];
  if (named) {
    const version = await versionOf(named);
    if (version !== null && isSafeNatsServer(version)) return named;
    throw new Error(
      `OVERSEER_NATS_SERVER is ${named}, version ${version ?? 'unknown'}; ${NATS_SERVER_MINIMUM} or newer is needed, ` +
        'because older ones have known ways out of an account',
    );
  }
  for (const candidate of [...cached(), 'nats-server']) {
    const version = await versionOf(candidate);
    if (version !== null && isSafeNatsServer(version)) return candidate;
  }
  return fetched();
}
