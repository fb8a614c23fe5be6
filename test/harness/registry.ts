// A real registry for one test file: Debian's docker-registry on a free port of this machine, with a folder of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CachedProgram, cachedPath, fetchIntoCache } from '#infra/setup/cache.ts';
import { release } from '#infra/setup/debian.ts';
import { onPath } from '#infra/setup/on-path.ts';
import { sayOnStderr } from '#infra/setup/say.ts';
import { TEST_IMAGE } from './image.ts';
import { freePort } from './ports.ts';
import { until } from './until.ts';

export interface Registry {
  /** `127.0.0.1:port`, as it stands before an image's name. */
  readonly host: string;
  /** One more image, other than each before, under this name and tag. @returns its digest */
  push(repository: string, tag: string): string;
  /** SIGSTOP: it hangs. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Who may log in to a registry that is started with `isPrivate`. */
export const REGISTRY_LOGIN = { user: 'robot', password: 'open sesame' } as const;
/** bcrypt of the password. */
const HTPASSWD = 'robot:$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n';
const READY_MS = 20_000;

async function registryPath(): Promise<string> {
  const installed = onPath('docker-registry');
  if (installed !== null) return installed;
  const program: CachedProgram = {
    name: 'docker-registry',
    suites: [release().codename || 'stable'],
    paths: ['usr/bin/docker-registry'],
    accepts: () => true,
  };
  const cached = cachedPath(program);
  if (cached !== null) return cached;
  sayOnStderr('Fetching docker-registry from Debian (kept in the user cache, not installed)');
  return fetchIntoCache(program);
}

function config(folder: string, port: number, isPrivate: boolean): string {
  const auth = isPrivate ? `auth:\n  htpasswd: {realm: registry, path: ${folder}/htpasswd}\n` : '';
  return (
    `version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n` +
    `storage: {filesystem: {rootdirectory: ${folder}/images}}\nhttp: {addr: "127.0.0.1:${port}"}\n${auth}`
  );
}

/** The engine of this machine must have the test image. */
export async function startRegistry({ isPrivate = false } = {}): Promise<Registry> {
  const program = await registryPath();
  const folder = mkdtempSync(join(tmpdir(), 'ovs-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  writeFileSync(join(folder, 'htpasswd'), HTPASSWD);
  writeFileSync(join(folder, 'config.yml'), config(folder, Number(host.split(':')[1]), isPrivate));
  const client = join(folder, 'client');
  mkdirSync(client);
  const { user, password } = REGISTRY_LOGIN;
  const auth = Buffer.from(`${user}:${password}`).toString('base64');
  writeFileSync(join(client, 'config.json'), JSON.stringify(isPrivate ? { auths: { [host]: { auth } } } : {}));
  const child: ChildProcess = spawn(program, ['serve', join(folder, 'config.yml')], {
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await until(async () => (await fetch(`http://${host}/v2/`)).status < 500, READY_MS, 'the registry to answer');
  const docker = (...args: string[]) =>
    execFileSync('docker', args, {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], DOCKER_CONFIG: client },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  const made = new Set<string>();
  return {
    host,
    push(repository, tag) {
      const name = `${host}/${repository}:${tag}`;
      const container = docker('create', TEST_IMAGE, 'true');
      // By id: a tag that moves on leaves its old image without a name.
      made.add(docker('commit', '--change', `LABEL made=${randomBytes(8).toString('hex')}`, container, name));
      docker('rm', container);
      const [digest] = /sha256:[0-9a-f]{64}/.exec(docker('push', name)) ?? [];
      if (digest === undefined) throw new Error(`docker named no digest for ${name}`);
      return digest;
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await ended;
      if (made.size > 0) docker('image', 'rm', '--force', ...made);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
