// The whole product as an operator starts it: services/start.ts as a child with a data folder and ports of its own. Tests
// speak to it over HTTP alone, look at its parts in /proc, and kill them.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { type Api, apiOf } from './api.ts';
import { freePort } from './ports.ts';
import { isAlive, kill, killAllOf, processesOf } from './processes.ts';
import { until } from './until.ts';

export type Part = 'supervisor' | 'core' | 'nats-server' | 'postgres' | 'agent';

export interface SystemOptions {
  /** Engine of the local agent; null starts a core alone. */
  readonly dockerHost: string | null;
  /** Listens on every address, for agents on other machines. */
  readonly open?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export interface System {
  readonly url: string;
  readonly data: string;
  readonly httpPort: number;
  readonly natsPort: number;
  readonly api: Api;
  readonly token: string;
  /** Milliseconds from start to ready, the last time. */
  readonly readyAfterMs: number;
  /** Everything that was printed. */
  output(): string;
  pid(part: Part): number;
  find(part: Part): number | null;
  kill(part: Part, signal: NodeJS.Signals): void;
  /** All of the core, its supervisor first so that nothing is started again; the agent stays when it is spared. */
  killCore(options: { spareAgent: boolean }): Promise<void>;
  /** As Ctrl-C does. */
  shutDown(): Promise<void>;
  start(): Promise<void>;
  /** Ends everything and removes the folder. Fails when anything is left. */
  stop(): Promise<void>;
}

const PARTS: Readonly<Record<Part, RegExp>> = {
  supervisor: /services\/start\.ts/,
  core: /services\/all\.ts/,
  'nats-server': /nats-server\S* /,
  postgres: /\/postgres .*-D/,
  agent: /agent\/main\.ts run/,
};

export async function startSystem(options: SystemOptions): Promise<System> {
  const folder = mkdtempSync('/tmp/ovs-');
  const data = `${folder}/data`;
  const log = `${folder}/output.log`;
  const [httpPort, natsPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${httpPort}`;
  const host = options.open ? '0.0.0.0' : '127.0.0.1';
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '/root',
    OVERSEER_DATA: data,
    OVERSEER_HTTP: `${host}:${httpPort}`,
    OVERSEER_NATS: `${host}:${natsPort}`,
    OVERSEER_LOCAL_AGENT: options.dockerHost === null ? 'off' : 'on',
    ...(options.dockerHost === null ? {} : { DOCKER_HOST: options.dockerHost }),
    ...options.env,
  };
  let child: ChildProcess | null = null;
  let readyAfterMs = 0;
  const output = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  const token = () => readFileSync(`${data}/admin-token`, 'utf8').trim();
  const api = apiOf(url, token);
  const find = (part: Part) => {
    const found = processesOf(data).filter(({ command }) => PARTS[part].test(command));
    return found.length === 0 ? null : Math.min(...found.map(({ pid }) => pid));
  };
  const pid = (part: Part) => {
    const found = find(part);
    if (found === null) throw new Error(`${part} does not run: ${JSON.stringify(processesOf(data))}`);
    return found;
  };
  const start = async () => {
    const begun = Date.now();
    const before = output().length;
    const sink = openSync(log, 'a');
    const started = spawn(process.execPath, ['services/start.ts'], {
      env,
      stdio: ['ignore', sink, sink],
      detached: true,
    });
    closeSync(sink);
    child = started;
    try {
      const isReady = () => output().slice(before).includes('Overseer is ready');
      await until(() => isReady() || started.exitCode !== null, 90_000, 'Overseer to be ready');
      if (!isReady()) throw new Error(`ended with ${started.exitCode}`);
      readyAfterMs = Date.now() - begun;
    } catch (error) {
      const printed = output().slice(-6000);
      await killAllOf(folder);
      throw new Error(`no start:\n${printed}`, { cause: error });
    }
  };
  const shutDown = async () => {
    const running = child?.pid;
    if (running === undefined || !isAlive(running)) return;
    kill(running, 'SIGINT');
    await until(() => !isAlive(running), 30_000, 'a clean stop');
  };
  try {
    await start();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    url,
    data,
    httpPort,
    natsPort,
    api,
    get token() {
      return token();
    },
    get readyAfterMs() {
      return readyAfterMs;
    },
    output,
    pid,
    find,
    kill: (part, signal) => kill(pid(part), signal),
    async killCore({ spareAgent }) {
      const agent = find('agent');
      const doomed = () => processesOf(data).filter((p) => !spareAgent || p.pid !== agent);
      kill(pid('supervisor'), 'SIGKILL');
      await until(
        () => {
          const left = doomed().filter(({ command }) => spareAgent || !PARTS.agent.test(command));
          for (const { pid } of left) kill(pid, 'SIGKILL');
          return left.length === 0;
        },
        15_000,
        'the end of the core',
      );
    },
    shutDown,
    start,
    async stop() {
      await shutDown();
      const left = processesOf(folder);
      await killAllOf(folder);
      rmSync(folder, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`a clean stop left ${JSON.stringify(left)}`);
    },
  };
}
