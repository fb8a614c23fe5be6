// Logs of a node for tests: a real engine, a real bus, a collecting consumer in the core's place, and the part of the agent
// that follows logs, in this process or in one of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openEngine } from '#agent/docker.ts';
import type { LogShipping, LogsParts } from '#agent/logs/ship.ts';
import { startLogs } from '#agent/logs/start.ts';
import { openly } from '#agent/secrets/redactor.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { newUserKey } from '#infra/nats/credentials.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import type { LogPolicy } from '#subjects/schema/log-policy.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { LogLedger } from '#test/harness/log-ledger.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';
import type { LogAgentInput } from './log-agent.ts';
import { wanted } from './reconciler.ts';

export interface LogNode {
  readonly data: string;
  readonly ledger: LogLedger;
  /** Those that hold, with their reasons. */
  readonly conditions: ReadonlyMap<string, string>;
  /** False: no link, as far as the agent can tell. */
  isLinked: boolean;
  desire(stacks: Readonly<Record<string, LogPolicy>>): void;
  /** In this process. */
  start(over?: Partial<LogsParts>): void;
  stop(): Promise<void>;
  /** In a process of its own. */
  spawn(): void;
  kill(): Promise<void>;
}

export interface LogStage {
  readonly machine: Machine;
  readonly bus: TestBus;
  docker(...args: string[]): string;
  /** @returns the container's id */
  run(stack: string, script: string, ...options: string[]): string;
  ended(container: string): Promise<void>;
  logPath(container: string): string;
  node(): Promise<LogNode>;
  stop(): Promise<void>;
}

const agent = fileURLToPath(new URL('./log-agent.ts', import.meta.url));
const SPOOL_BYTES = 64 * 1024 * 1024;

async function newNode(machine: Machine, bus: TestBus, ledgers: Map<string, LogLedger>): Promise<LogNode> {
  const id = newId();
  const data = mkdtempSync('/tmp/ovs-logs-');
  const ledger = new LogLedger();
  ledgers.set(id, ledger);
  const link = await bus.connect('node', id);
  const conditions = new Map<string, string>();
  const log = createLogger('agent', process.env['TEST_LOG'] ?? 'silent');
  let document: DesiredDocument | null = null;
  let current: LogShipping | null = null;
  let child: ChildProcess | null = null;

  const isUp = () => node.isLinked && link.isConnected;
  const linked: Pick<Bus, 'emit' | 'isConnected'> = {
    emit: (...sent) => (isUp() ? link.emit(...sent) : Promise.reject(new Error('no link'))),
    get isConnected() {
      return isUp();
    },
  };
  const usual = { node: id, file: `${data}/logs.db`, spoolBytes: SPOOL_BYTES };
  const node: LogNode = {
    ...{ data, ledger, conditions, isLinked: true },
    desire(stacks) {
      const named = Object.entries(stacks).map(([name, logs]) => wanted(name, 'services: {}', { logs }));
      document = { stacks: named, removed: [] } as unknown as DesiredDocument;
      current?.documentChanged();
    },
    start(over = {}) {
      current = startLogs({
        ...{ ...usual, log, now: Date.now, random: Math.random, newId },
        bus: () => linked,
        document: () => document,
        onCondition: (type, status, reason) => (status ? conditions.set(type, reason) : conditions.delete(type)),
        engine: openEngine(machine.dockerHost),
        redactor: () => openly,
        ...over,
      });
    },
    async stop() {
      await current?.stop();
      current = null;
      await node.kill();
    },
    spawn() {
      const { seed } = newUserKey();
      const jwt = bus.mint('node', id, { seed }).jwt();
      const { servers, ca } = bus;
      const input = { ...usual, servers, ca, jwt, seed, dockerHost: machine.dockerHost, document };
      child = spawn(process.execPath, [agent], { stdio: ['pipe', 'inherit', 'inherit'] });
      child.stdin?.end(JSON.stringify(input satisfies Omit<LogAgentInput, 'document'>));
    },
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
  return node;
}

export async function startLogStage(): Promise<LogStage> {
  const [machine, bus] = await Promise.all([startMachine(), startTestBus()]);
  const ledgers = new Map<string, LogLedger>();
  const nodes: LogNode[] = [];
  const core = await bus.connect('logs');
  core.consume('nodeLog', {
    deadLetter: async ({ reason }) => {
      for (const ledger of ledgers.values()) ledger.conflicts.push(`a dead letter: ${reason}`);
    },
    handle: async ({ body, parameters }) => ledgers.get(parameters.node)?.take(body),
  });
  const docker = (...args: string[]) =>
    execFileSync('docker', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DOCKER_HOST: machine.dockerHost },
    });
  const inspected = (container: string, what: string) => docker('inspect', '-f', `{{${what}}}`, container).trim();

  return {
    ...{ machine, bus, docker },
    run(stack, script, ...options) {
      const labels = [`com.docker.compose.project=${stack}`, 'com.docker.compose.service=app'];
      const args = ['run', '-d', '--init', ...labels.flatMap((label) => ['--label', label]), ...options];
      return docker(...args, TEST_IMAGE, 'sh', '-c', script).trim();
    },
    async ended(container) {
      await until(() => inspected(container, '.State.Status') === 'exited', 120_000, 'a container to end');
    },
    logPath: (container) => inspected(container, '.LogPath'),
    async node() {
      const made = await newNode(machine, bus, ledgers);
      nodes.push(made);
      return made;
    },
    async stop() {
      for (const made of nodes) {
        await made.stop();
        rmSync(made.data, { recursive: true, force: true });
      }
      await bus.stop();
      await machine.stop();
    },
  };
}
