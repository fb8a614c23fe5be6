// A Docker Engine that answers and Compose v2 beside it. What is missing is installed when that is wanted and possible;
// an engine that somebody named in DOCKER_HOST is theirs to keep up.
import { lockFile } from '#infra/process/lock.ts';
import { ensureCompose } from './docker-compose.ts';
import { askEngine, type Engine, startEngine } from './docker-engine.ts';
import { onPath } from './on-path.ts';
import type { Say } from './say.ts';
import { hasPackage, installPackages, updatePackageLists, whyNotInstall } from './system-packages.ts';

export const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

export type Docker =
  | { readonly ok: true; readonly host: string; readonly engineVersion: string; readonly composeVersion: string }
  | { readonly ok: false; readonly message: string };

export async function ensureDocker(options: { log: Say; install: boolean }): Promise<Docker> {
  const named = process.env['DOCKER_HOST'];
  const host = named || DEFAULT_DOCKER_HOST;
  try {
    let engine = await askEngine(host);
    if (engine.version === null) engine = await bringUp(host, Boolean(named), engine, options);
    if (engine.version === null) return { ok: false, message: engine.reason };
    const compose = await ensureCompose(options.log, options.install);
    return { ok: true, host, engineVersion: engine.version, composeVersion: compose };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

async function bringUp(
  host: string,
  isNamed: boolean,
  engine: Engine,
  { log, install }: { log: Say; install: boolean },
): Promise<Engine> {
  const silent = (why: string) => ({ version: null, reason: `no Docker Engine answers at ${host}: ${why}` });
  if (isNamed) return silent(engine.reason);
  if (/permission denied/i.test(engine.reason)) {
    return silent('this user may not use it; add the user to the group docker, or run as root');
  }
  const reason = whyNotInstall();
  if (!install || reason !== null)
    return silent(`install and start one (not done for you: ${reason ?? 'not asked to'})`);
  const lock = await lockFile('/run/lock/overseer-docker.lock', { patient: true });
  try {
    if (onPath('docker') === null || onPath('dockerd') === null) await installEngine(log);
    const now = await askEngine(host);
    if (now.version !== null) return now;
    await startEngine(host, log);
    return await askEngine(host);
  } finally {
    await lock?.release();
  }
}

async function installEngine(log: Say): Promise<void> {
  log('No Docker Engine answers and none is installed');
  await updatePackageLists();
  // Newer releases have the CLI in a package of its own.
  const cli = (await hasPackage('docker-cli')) ? ['docker-cli'] : [];
  await installPackages(['docker.io', ...cli, 'iptables'], log);
}
