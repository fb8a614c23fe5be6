// Logs of a node for tests: a real engine, a real bus, a collecting consumer in the core's place, and the part of the agent
// that follows logs, which can be dropped as by a crash.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { openEngine } from '#agent/docker.ts';
import { type LogShipping, type LogsParts, startLogs } from '#agent/logs/ship.ts';
import { openly } from '#agent/secrets/redactor.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import type { LogPolicy } from '#subjects/schema/log-policy.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { LogLedger } from '#test/harness/log-ledger.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';
import { wanted } from './reconciler.ts';

export interface LogNode {
  readonly id: string;
  readonly data: string;
  readonly ledger: LogLedger;
  readonly conditions: Map<string, string>;
  /** False: no link, as far as the agent can tell. */
  isLinked: boolean;
  start(over?: Partial<LogsParts>): void;
  /** As by kill -9: nothing of it is written or sent any more. */
  crash(): void;
  stop(): Promise<void>;
  desire(stacks: Readonly<Record<string, LogPolicy>>): void;
}

export interface LogStage {
  readonly machine: Machine;
  readonly bus: TestBus;
  docker(...args: string[]): string;
  /** @returns the container's id */
  run(stack: string, script: string, options?: readonly string[]): string;
  ended(container: string): Promise<void>;
  node(): Promise<LogNode>;
  stop(): Promise<void>;
}

export async function startLogStage(): Promise<LogStage> {
  const [machine, bus] = await Promise.all([startMachine(), startTestBus()]);
  const ledgers = new Map<string, LogLedger>();
  const nodes: LogNode[] = [];
  const core = await bus.connect('logs');
  core.consume('nodeLog', {
    deadLetter: async ({ reason }) => void [...ledgers.values()][0]?.conflicts.push(`dead: ${reason}`),
    handle: async ({ body, parameters }) => ledgers.get(parameters.node)?.take(body),
  });
  const docker = (...args: string[]) =>
    execFileSync('docker', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DOCKER_HOST: machine.dockerHost },
    });

  async function node(): Promise<LogNode> {
    const id = newId();
    const data = mkdtempSync('/tmp/ovs-logs-');
    const ledger = new LogLedger();
    ledgers.set(id, ledger);
    const link = await bus.connect('node', id);
    const conditions = new Map<string, string>();
    const log = createLogger('agent', process.env['TEST_LOG'] ?? 'silent');
    let document: DesiredDocument | null = null;
    let current: LogShipping | null = null;
    /** What was dropped by a crash must reach nobody. */
    let life = { isAlive: true };
    const made: LogNode = {
      ...{ id, data, ledger, conditions },
      isLinked: true,
      start(over = {}) {
        life = { isAlive: true };
        const own = life;
        const isUp = () => own.isAlive && made.isLinked && link.isConnected;
        const linked: Pick<Bus, 'emit' | 'isConnected'> = {
          emit: (...sent) => (isUp() ? link.emit(...sent) : Promise.reject(new Error('no link'))),
          get isConnected() {
            return isUp();
          },
        };
        current = startLogs({
          ...{ node: id, log, now: Date.now, random: Math.random, newId },
          bus: () => linked,
          document: () => document,
          onCondition: (type, status, reason) => (status ? conditions.set(type, reason) : conditions.delete(type)),
          engine: openEngine(machine.dockerHost),
          redactor: () => openly,
          file: `${data}/logs.db`,
          spoolBytes: 64 * 1024 * 1024,
          ...over,
        });
      },
      crash() {
        life.isAlive = false;
        current?.abandon();
        current = null;
      },
      async stop() {
        await current?.stop();
        current = null;
      },
      desire(stacks) {
        const named = Object.entries(stacks).map(([name, logs]) => wanted(name, 'services: {}', { logs }));
        document = { stacks: named, removed: [] } as unknown as DesiredDocument;
        current?.documentChanged();
      },
    };
    nodes.push(made);
    return made;
  }

  return {
    machine,
    bus,
    docker,
    run(stack, script, options = []) {
      const labels = [`com.docker.compose.project=${stack}`, 'com.docker.compose.service=app'];
      const args = ['run', '-d', '--init', ...labels.flatMap((label) => ['--label', label]), ...options];
      return docker(...args, TEST_IMAGE, 'sh', '-c', script).trim();
    },
    ended: (container) =>
      until(
        () => docker('inspect', '-f', '{{.State.Status}}', container).trim() === 'exited',
        120_000,
        'a container to end',
      ).then(() => {}),
    node,
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
