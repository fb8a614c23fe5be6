// A nats-server that is new enough: the one named by OVERSEER_NATS_SERVER, the machine's own, the cache, or Debian's newest.
import { run } from '#infra/process.ts';
import { type CachedProgram, cachedPath, fetchIntoCache } from './cache.ts';
import { isSafeNatsServer, LOWEST_NATS_SERVER, natsServerVersion, refusal } from './nats-server-version.ts';
import { onPath } from './on-path.ts';
import { sayOnStderr } from './say.ts';

const PROGRAM: CachedProgram = {
  name: 'nats-server',
  suites: ['sid', 'trixie'],
  paths: ['usr/sbin/nats-server'],
  accepts: isSafeNatsServer,
};

let found: Promise<string> | null = null;

/** @throws Error that says what to do when there is none and none can be fetched. */
export function natsServerPath(): Promise<string> {
  found ??= locate().catch((error: unknown) => {
    found = null;
    throw error;
  });
  return found;
}

async function locate(): Promise<string> {
  const named = process.env['OVERSEER_NATS_SERVER'];
  if (named) {
    const version = await versionOf(named);
    if (version === null || !isSafeNatsServer(version))
      throw new Error(`OVERSEER_NATS_SERVER: ${refusal(named, version)}`);
    return named;
  }
  const installed = onPath('nats-server');
  const version = installed === null ? null : await versionOf(installed);
  if (installed !== null && version !== null && isSafeNatsServer(version)) return installed;
  const cached = cachedPath(PROGRAM);
  if (cached !== null) return cached;
  if (installed !== null) sayOnStderr(`Not used: ${refusal(installed, version)}.`);
  sayOnStderr('Fetching nats-server from Debian (kept in the user cache, not installed)');
  try {
    return await fetchIntoCache(PROGRAM);
  } catch (error) {
    throw new Error(
      `no nats-server ${LOWEST_NATS_SERVER} or newer here, and Debian's can't be fetched: ${error instanceof Error ? error.message : error}. ` +
        'Install one and name it in OVERSEER_NATS_SERVER.',
      { cause: error },
    );
  }
}

async function versionOf(path: string): Promise<string | null> {
  const { stdout, stderr } = await run(path, ['-v'], { timeoutMs: 10_000 });
  return natsServerVersion(stdout + stderr);
}
