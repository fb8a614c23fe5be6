// The nats-server of an all-in-one core: everything it needs is prepared in the data folder, then it runs as a child.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Supervised, supervise } from '#infra/process.ts';
import { natsServerPath } from '#infra/setup/nats-server.ts';
import { OverseerError } from '#subjects/errors.ts';
import { prepareCertificates } from './certificates.ts';
import { prepareIdentities } from './identities.ts';
import { serverConfig } from './server-config.ts';
import { assertWritesThrough, waitForServer } from './server-readiness.ts';
import { type AccountFile, type Vault, vault, writeSecret } from './vault.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** Further names or addresses under which nodes reach this machine. */
  readonly advertise?: readonly string[];
}

export interface PreparedServer {
  readonly configFile: string;
  /** Certificate of the authority that clients pin, PEM. */
  readonly ca: string;
  /** How processes on this machine reach it. */
  readonly servers: string[];
}

/** `0.0.0.0` and `::` are for listening; nobody can dial them. */
function dialled(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** The folder wins over `resolver_preload`, so what changed since the last run must stand there. */
function writeResolver(files: Vault, accounts: readonly (readonly [string, string])[]): void {
  mkdirSync(files.resolver, { recursive: true, mode: 0o700 });
  for (const [id, jwt] of accounts) {
    const file = join(files.resolver, `${id}.jwt`);
    if (!existsSync(file) || readFileSync(file, 'utf8') !== jwt) writeFileSync(file, jwt, { mode: 0o600 });
  }
}

/** Makes on first start, and brings up to date on every other: keys, accounts, certificates, configuration. */
export async function prepareServer(data: string, options: ServerOptions): Promise<PreparedServer> {
  const files = vault(data);
  mkdirSync(files.jetstream, { recursive: true, mode: 0o700 });
  const { accounts } = prepareIdentities(files);
  const ca = await prepareCertificates(files, options.advertise ?? []);
  writeServerFiles(files, accounts, options);
  return { configFile: files.config, ca, servers: [`${dialled(options.host)}:${options.port}`] };
}

/** The configuration and the account JWTs beside it. */
export function writeServerFiles(files: Vault, { operator, accounts }: AccountFile, options: ServerOptions): void {
  const preload = Object.values(accounts).map(({ id, jwt }) => [id, jwt] as const);
  writeResolver(files, preload);
  // A killed server leaves the file with its ports behind.
  for (const name of readdirSync(files.root)) {
    if (name.endsWith('.ports')) rmSync(join(files.root, name));
  }
  writeSecret(
    files.config,
    serverConfig({
      name: `overseer-${hostname()}`,
      host: options.host,
      port: options.port,
      monitor: { portsFolder: files.root },
      operatorJwt: operator.jwt,
      systemAccount: accounts.SYS.id,
      accounts: preload,
      resolverFolder: files.resolver,
      storeFolder: files.jetstream,
      pidFile: files.pid,
      certificateFile: files.certificate,
      certificateKeyFile: files.certificateKey,
    }),
  );
}

/** A server that outlived a killed core holds the port; it is ours when it runs with our configuration. */
export async function stopLeftover(data: string): Promise<void> {
  const files = vault(data);
  if (!existsSync(files.pid)) return;
  const pid = Number(readFileSync(files.pid, 'utf8'));
  const isOurs = () => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(files.config);
    } catch {
      return false;
    }
  };
  const deadline = Date.now() + 10_000;
  if (Number.isInteger(pid) && pid > 1 && isOurs()) process.kill(pid, 'SIGTERM');
  while (isOurs()) {
    if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
    await pause(50);
  }
  rmSync(files.pid, { force: true });
}

export interface RunningServer extends PreparedServer {
  readonly child: Supervised;
  stop(): Promise<void>;
}

/** Prepares, starts and watches a server; resolves when it takes clients. */
export async function startServer(
  options: ServerOptions & { data: string; log: Parameters<typeof supervise>[3]['log'] },
): Promise<RunningServer> {
  const binary = await natsServerPath();
  await stopLeftover(options.data);
  const prepared = await prepareServer(options.data, options);
  let lastLine = '';
  const child = supervise('nats-server', binary, serverArguments(prepared), {
    log: options.log,
    onLine: (_, line) => {
      lastLine = line;
      if (/\[(ERR|FTL|WRN)\]/.test(line)) options.log.warn({ child: 'nats-server' }, line);
    },
  });
  try {
    await waitForServer(prepared.servers, prepared.ca);
    await assertWritesThrough(options.data);
  } catch (error) {
    await child.stop();
    if (error instanceof OverseerError && error.code === 'internal') throw error;
    throw new OverseerError('unavailable', `nats-server does not start: ${lastLine}`, { cause: error });
  }
  return { ...prepared, child, stop: () => child.stop() };
}

export function serverArguments(prepared: Pick<PreparedServer, 'configFile'>): string[] {
  return ['--config', prepared.configFile];
}
