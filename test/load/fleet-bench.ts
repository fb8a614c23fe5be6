// A thousand simulated agents: what they cost the core at rest, and how soon all hold their document after the broker was
// killed. The simulator is a process of its own, so its work is not counted.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expectStatus } from '#test/harness/fleet.ts';
import type { System } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';
import { mebibytes, median, seconds, table } from './figures.ts';
import { usageOf } from './proc.ts';

const NODES = Number(process.env['BENCH_NODES'] ?? 1000);
const REST_SECONDS = 60;
const KILLS = 5;

interface FleetLine {
  readonly enrolled: number;
  readonly connected: number;
  /** Agents that read their document since they last connected. */
  readonly holding: number;
}

interface Simulation {
  readonly child: ChildProcess;
  latest(): FleetLine;
}

function simulate(system: System, token: string): Simulation {
  const args = ['test/load/simulate.ts', '--nodes', String(NODES), '--url', system.url, '--token', token, '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let line: FleetLine = { enrolled: 0, connected: 0, holding: 0 };
  createInterface({ input: child.stdout }).on('line', (text) => {
    line = JSON.parse(text) as FleetLine;
  });
  return { child, latest: () => line };
}

async function atRest(system: System): Promise<string> {
  const parts = [
    ['gateway and services', system.pid('core')],
    ['nats-server', system.pid('nats-server')],
    ['PostgreSQL', system.pid('postgres')],
  ] as const;
  const before = parts.map(([, pid]) => usageOf(pid).cpuSeconds);
  await new Promise((resolve) => setTimeout(resolve, REST_SECONDS * 1000));
  const rows = parts.map(([name, pid], index) => {
    const { cpuSeconds, pssBytes } = usageOf(pid);
    const share = ((cpuSeconds - (before[index] ?? 0)) / REST_SECONDS) * 100;
    return [name, `${share.toFixed(1)} % of a core`, mebibytes(pssBytes)];
  });
  return table(`${NODES} agents, a heartbeat every 10 s, over ${REST_SECONDS} s`, ['', 'CPU', 'memory (PSS)'], rows);
}

async function brokerKills(system: System, fleet: Simulation): Promise<string> {
  const all: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const begun = performance.now();
    system.kill('nats-server', 'SIGKILL');
    await until(() => fleet.latest().holding < NODES, 20_000, 'agents to notice');
    await until(() => fleet.latest().holding === NODES, 180_000, 'all agents to hold their document');
    all.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
  const row = [`all ${NODES} hold their document`, seconds(median(all)), seconds(Math.max(...all))];
  return table(`After SIGKILL of nats-server, ${KILLS} times`, ['', 'median', 'worst'], [row]);
}

export async function fleetBench(system: System): Promise<string[]> {
  const issued = expectStatus(
    await system.api('POST', '/api/enrollment-tokens', { uses: NODES, labels: { fleet: 'sim' } }),
    200,
    201,
  );
  const fleet = simulate(system, issued.body.token);
  try {
    await until(() => fleet.latest().connected === NODES, 300_000, `${NODES} agents to connect`);
    const compose = 'services:\n  app:\n    image: example/app:1\n';
    expectStatus(
      await system.api('PUT', '/api/stacks/fleet', { compose, targets: { selector: { fleet: 'sim' } } }),
      202,
    );
    await until(() => fleet.latest().holding === NODES, 180_000, 'all agents to hold a document');
    return [await atRest(system), await brokerKills(system, fleet)];
  } finally {
    fleet.child.kill('SIGTERM');
  }
}
