// What log lines cost: from the engine's file into the core's history, beside `docker logs` on the same container; and how
// long a line takes to somebody who follows.
import { spawn } from 'node:child_process';
import { deploy, expectStatus } from '#test/harness/fleet.ts';
import { follow } from '#test/harness/log-history.ts';
import { numbered } from '#test/harness/numbered-logs.ts';
import type { System } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';
import { docker } from './contenders.ts';
import { mebibytes, median, medianRatio, seconds, table } from './figures.ts';
import { residentOf, usageOf } from './proc.ts';

const ROUNDS = 3;
const MILLION = 1_000_000;
/** So many that starting to read is a small part of it. */
const LINES = 3 * MILLION;
const LONGEST_MS = 600_000;
const FOLLOWED = { services: 1, linesPerSecond: 1_000, seconds: 40, maxSize: '100m', maxFile: 1 };
const FOLLOWED_SECONDS = 30;
const PARTS = ['agent', 'core', 'nats-server', 'postgres'] as const;

interface Read {
  readonly linesPerSecond: number;
  /** Of all processes that work for it, for a million lines. */
  readonly cpuSeconds: number;
}

interface Bench {
  readonly system: System;
  readonly node: string;
  readonly dockerHost: string;
  readonly image: string;
  /** Of the engine. */
  readonly engine: number;
}

/** Writes all its lines when a file appears. */
const compose = (image: string) => `services:
  writer:
    image: ${image}
    init: true
    command:
      - sh
      - -c
      - while [ ! -e /tmp/go ]; do sleep 1; done; awk 'BEGIN{for(n=1;n<=${LINES};n++)print "n=" n " the quick brown fox jumps over the lazy dog, again and again, until it is tired"}'; exec sleep 100000
    logging:
      driver: json-file
`;

/** To the last line: a client that follows never ends by itself. */
function readBy({ dockerHost, engine }: Bench, args: readonly string[]): Promise<Read> {
  const begun = performance.now();
  const before = usageOf(engine).cpuSeconds;
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], DOCKER_HOST: dockerHost };
    const child = spawn('docker', ['logs', ...args], { stdio: ['ignore', 'pipe', 'ignore'], env });
    let lines = 0;
    let client = 0;
    child.stdout.on('data', (piece: Buffer) => {
      for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1;
      if (lines < LINES) return;
      client = Math.max(client, usageOf(child.pid ?? 0).cpuSeconds);
      child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', () => {
      if (lines < LINES) return reject(new Error(`docker logs ${args.join(' ')} ended after ${lines} lines`));
      const cpuSeconds = ((usageOf(engine).cpuSeconds - before + client) / lines) * MILLION;
      resolve({ linesPerSecond: (lines / (performance.now() - begun)) * 1000, cpuSeconds });
    });
  });
}

async function linesHeld(system: System, stack: string): Promise<number> {
  const { body } = expectStatus(await system.api('GET', `/api/logs/coverage?stack=${stack}`), 200);
  return body.items.reduce((sum: number, { lines }: { lines: number }) => sum + lines, 0);
}

/** The agent, which was stopped while the file was written, goes on. */
async function readByUs({ system }: Bench, stack: string): Promise<Read & { readonly agentBytes: number }> {
  const agent = system.pid('agent');
  const spent = () => PARTS.reduce((sum, part) => sum + usageOf(system.pid(part)).cpuSeconds, 0);
  const before = spent();
  const begun = performance.now();
  let agentBytes = 0;
  system.kill('agent', 'SIGCONT');
  await until(
    async () => {
      agentBytes = Math.max(agentBytes, residentOf(agent).rssBytes);
      return (await linesHeld(system, stack)) >= LINES;
    },
    LONGEST_MS,
    'all lines to be held',
  );
  const linesPerSecond = (LINES / (performance.now() - begun)) * 1000;
  return { linesPerSecond, cpuSeconds: ((spent() - before) / LINES) * MILLION, agentBytes };
}

async function round(bench: Bench, stack: string) {
  const { system, node, dockerHost, image } = bench;
  const container = `${stack}-writer-1`;
  const more = { logs: { linesPerSecond: MILLION }, strategy: { stabilitySeconds: 0 } };
  await deploy(system, stack, compose(image), { nodes: [node] }, more);
  system.kill('agent', 'SIGSTOP');
  try {
    await docker(dockerHost, ['exec', container, 'touch', '/tmp/go']);
    const last = () => docker(dockerHost, ['logs', '--tail', '1', container]);
    await until(async () => (await last()).startsWith(`n=${LINES} `), LONGEST_MS, 'the last line to be written');
    const plain = await readBy(bench, ['-t', container]);
    const following = await readBy(bench, ['-f', container]);
    return { plain, following, ours: await readByUs(bench, stack) };
  } finally {
    system.kill('agent', 'SIGCONT');
  }
}

async function throughput(bench: Bench): Promise<string> {
  const rounds: Awaited<ReturnType<typeof round>>[] = [];
  for (let number = 0; number < ROUNDS; number++) {
    rounds.push(await round(bench, `read-${number}`));
    console.error(`logs, round ${number + 1} of ${ROUNDS}: ${JSON.stringify(rounds.at(-1))}`);
  }
  const speeds = (who: 'plain' | 'following' | 'ours') => rounds.map((each) => each[who].linesPerSecond);
  const row = (name: string, who: 'plain' | 'following' | 'ours', memory = '') => [
    name,
    `${Math.round(median(speeds(who)) / 1000)}k`,
    `${medianRatio(speeds(who), speeds('following')).toFixed(2)}x`,
    seconds(median(rounds.map((each) => each[who].cpuSeconds)) * 1000),
    memory,
  ];
  const memory = mebibytes(Math.max(...rounds.map(({ ours }) => ours.agentBytes)));
  return table(
    `${LINES / MILLION} million lines of one container, medians of ${ROUNDS}`,
    ['', 'lines/s', 'of logs -f', 'CPU a million lines', 'agent at most'],
    [
      row('overseer, file to history', 'ours', memory),
      row('docker logs -t', 'plain'),
      row('docker logs -f', 'following'),
    ],
  );
}

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.floor(sorted.length * share)] ?? Number.NaN;

async function latency({ system, node }: Bench): Promise<string> {
  const delays: number[] = [];
  const ending = new AbortController();
  let isOpen = false;
  const following = follow(
    system,
    'stack=followed',
    ending.signal,
    ({ item, heardAt }) => delays.push(heardAt - Date.parse(item.at)),
    () => {
      isOpen = true;
    },
  );
  await until(() => isOpen, LONGEST_MS, 'the stream to stand');
  await deploy(system, 'followed', numbered(FOLLOWED), { nodes: [node] }, { strategy: { stabilitySeconds: 0 } });
  const enough = FOLLOWED.linesPerSecond * FOLLOWED_SECONDS;
  await until(() => delays.length >= enough, LONGEST_MS, 'enough lines');
  ending.abort();
  await following;
  const sorted = delays.toSorted((a, b) => a - b);
  const told = [0.5, 0.99, 0.999].map((share) => `${Math.round(percentile(sorted, share))} ms`);
  return table(
    `From a line's own time to who follows it by SSE, at ${FOLLOWED.linesPerSecond} lines/s (in bursts of a second)`,
    ['lines', 'p50', 'p99', 'p99.9'],
    [[String(delays.length), ...told]],
  );
}

export async function logBench(bench: Bench): Promise<string[]> {
  return [await latency(bench), await throughput(bench)];
}
