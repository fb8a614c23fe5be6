// A real nats-server of our own making for one test file: prepared, started and provisioned as a core does it, on a free
// port, in a folder of its own. Tests kill it, start it again, and log in as whoever they like.
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { connectBus } from '#infra/nats/connect.ts';
import {
  type CredentialSource,
  credentialOf,
  loadCredential,
  mintUser,
  newUserKey,
  userKey,
} from '#infra/nats/credentials.ts';
import { provision } from '#infra/nats/provision.ts';
import { prepareServer, serverArguments } from '#infra/nats/server.ts';
import { monitorUrl, waitForServer } from '#infra/nats/server-readiness.ts';
import { readAccounts, readSeed, vault } from '#infra/nats/vault.ts';
import { natsServerPath } from '#infra/setup/nats-server.ts';
import { accountOf, isNamed, type Principal } from '#subjects/principals.ts';
import { freePort } from './ports.ts';

export interface TestCredential extends CredentialSource {
  readonly publicKey: string;
}

export interface Minting {
  readonly issuedAt?: Date;
  readonly expiresAt?: Date;
  /** Of an earlier credential whose key goes on. */
  readonly seed?: string;
}

export interface TestBus {
  readonly servers: string[];
  readonly ca: string;
  /** As $OVERSEER_DATA; the server's own log is `nats-server.log` in it. */
  readonly data: string;
  readonly monitorUrl: string;
  readonly pid: number;
  /** Closed by `stop`. Nodes and readers need a name. */
  connect(principal: Principal, name?: string, credential?: CredentialSource): Promise<Bus>;
  mint(principal: Principal, name?: string, minting?: Minting): TestCredential;
  mintNode(id: string): TestCredential;
  provision(print?: (line: string) => void): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** The same server again, on the same port and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

function credentialFor(data: string, principal: Principal, name: string, minting: Minting): TestCredential {
  const files = vault(data);
  const made = newUserKey();
  const seed = minting.seed ?? made.seed;
  const publicKey = minting.seed === undefined ? made.publicKey : userKey(minting.seed).publicKey;
  const jwt = mintUser({
    principal,
    accountId: readAccounts(files)?.accounts[accountOf(principal)].id ?? '',
    scopedSeed: readSeed(files.scopedSeed(principal)),
    name,
    publicKey,
    expiresAt: new Date(Date.now() + 3600_000),
    ...(minting.issuedAt ? { issuedAt: minting.issuedAt } : {}),
    ...(minting.expiresAt ? { expiresAt: minting.expiresAt } : {}),
  });
  return { ...credentialOf(jwt, seed), publicKey };
}

/** @param prepare another way to prepare the server, for the controls that must fail */
export async function startTestBus(prepare: typeof prepareServer = prepareServer): Promise<TestBus> {
  const data = mkdtempSync(join(tmpdir(), 'overseer-bus-'));
  const binary = await natsServerPath();
  const port = await freePort();
  const open = new Set<Bus>();
  const log = createLogger('test', process.env['TEST_LOG'] ?? 'silent');
  const options = { host: '127.0.0.1', port };
  let prepared = await prepare(data, options);
  let child: ChildProcess | null = null;
  // A test that is killed leaves no server behind.
  const killAtExit = () => child?.kill('SIGKILL');
  process.on('exit', killAtExit);

  async function start(): Promise<void> {
    const started = spawn(binary, serverArguments(prepared), { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer) => appendFileSync(join(data, 'nats-server.log'), chunk);
    started.stdout.on('data', keep);
    started.stderr.on('data', keep);
    child = started;
    try {
      await waitForServer(prepared.servers, prepared.ca);
    } catch (error) {
      throw new Error(readFileSync(join(data, 'nats-server.log'), 'utf8').slice(-2000), { cause: error });
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await gone;
  }

  const bus: TestBus = {
    get servers() {
      return prepared.servers;
    },
    get ca() {
      return prepared.ca;
    },
    data,
    get monitorUrl() {
      return monitorUrl(data) ?? '';
    },
    get pid() {
      return child?.pid ?? 0;
    },
    mint: (principal, name = principal, minting = {}) => credentialFor(data, principal, name, minting),
    mintNode: (id) => credentialFor(data, 'node', id, {}),
    async connect(principal, name, credential) {
      const own = name ?? principal;
      const minted = isNamed(principal) || principal === 'provisioner';
      const source =
        credential ?? (minted ? bus.mint(principal, own) : loadCredential(vault(data).credential(principal)));
      const { servers, ca } = prepared;
      const opened = await connectBus({ principal, name: own, servers, ca, credential: source, log });
      open.add(opened);
      return opened;
    },
    provision: (print) => provision({ data, servers: prepared.servers, ca: prepared.ca, ...(print ? { print } : {}) }),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM');
      prepared = await prepare(data, options);
      await start();
    },
    async stop() {
      await Promise.all([...open].map((opened) => opened.close().catch(() => {})));
      await end('SIGTERM');
      process.off('exit', killAtExit);
      rmSync(data, { recursive: true, force: true });
    },
  };
  try {
    await start();
    await bus.provision();
  } catch (error) {
    await bus.stop();
    throw error;
  }
  return bus;
}
