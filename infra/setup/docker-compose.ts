// Compose v2 as plugin of the Docker CLI; Debian 12 has none, so the newest of Debian is put where the CLI looks.
import { chmodSync, copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import semver from 'semver';
import { run } from '#infra/process.ts';
import { type CachedProgram, cachedPath, fetchIntoCache } from './cache.ts';
import { release } from './debian.ts';
import type { Say } from './say.ts';
import { hasPackage, installPackages, updatePackageLists, whyNotInstall } from './system-packages.ts';

/** The oldest that every step of the agent was proven on. */
const LOWEST_COMPOSE = '2.26.0';

const PROGRAM: CachedProgram = {
  name: 'docker-compose',
  suites: ['sid', 'trixie'],
  paths: ['usr/libexec/docker/cli-plugins/docker-compose'],
  accepts: isSafeCompose,
};

export function isSafeCompose(version: string): boolean {
  const parsed = semver.coerce(version);
  return parsed !== null && semver.gte(parsed, LOWEST_COMPOSE);
}

export async function composeVersion(): Promise<string | null> {
  const { exitCode, stdout } = await run('docker', ['compose', 'version', '--short'], { timeoutMs: 30_000 });
  const version = stdout.trim().replace(/^v/, '');
  return exitCode === 0 && version !== '' ? version : null;
}

/** @throws Error when there is none of a good version and none can be had */
export async function ensureCompose(say: Say, install: boolean): Promise<string> {
  const present = await composeVersion();
  if (present !== null && isSafeCompose(present)) return present;
  const lack =
    present === null
      ? 'Docker Compose v2 is missing'
      : `Docker Compose ${present} is too old (${LOWEST_COMPOSE} or newer is needed)`;
  if (!install) throw new Error(`${lack}: install the CLI plugin docker-compose`);
  if (release().id === 'ubuntu') {
    await updatePackageLists();
    if (await hasPackage('docker-compose-v2')) await installPackages(['docker-compose-v2'], say);
  } else {
    await addPlugin(say);
  }
  const added = await composeVersion();
  if (added === null || !isSafeCompose(added)) throw new Error(`${lack}, and what was installed does not answer`);
  return added;
}

async function addPlugin(say: Say): Promise<void> {
  const folder =
    whyNotInstall() === null ? '/usr/local/lib/docker/cli-plugins' : join(homedir(), '.docker', 'cli-plugins');
  say(`Installing Docker Compose from Debian into ${folder}`);
  const program = cachedPath(PROGRAM) ?? (await fetchIntoCache(PROGRAM));
  mkdirSync(folder, { recursive: true });
  const fresh = join(folder, `.docker-compose-${process.pid}`);
  copyFileSync(program, fresh);
  chmodSync(fresh, 0o755);
  renameSync(fresh, join(folder, 'docker-compose'));
}
