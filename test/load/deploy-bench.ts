// From PUT to every container running, beside `docker compose up -d` of the same file on the same engine, in turn. Both are
// timed by the engine's own start events, so neither side judges itself.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ended, expectStatus } from '#test/harness/fleet.ts';
import type { System } from '#test/harness/system.ts';
import { composeFile } from './compose-file.ts';
import { median, medianRatio, seconds, table } from './figures.ts';

const ROUNDS = 5;
const SIZES = [1, 5, 20];

interface Round {
  /** Request to last container's start. */
  readonly running: number;
  /** Request to the end of the call: Compose's exit, our deployment's success. */
  readonly done: number;
}

function compose(project: string, file: string, ...args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', ['compose', '--progress', 'quiet', '-p', project, '-f', file, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`docker compose ${args[0]}: exit ${code}`))));
  });
}

/** Resolves at the n-th start of a container of the project; `ready` once the engine listens to us. */
function starts(project: string, count: number): { ready: Promise<void>; reached: Promise<number>; end(): void } {
  const filter = `label=com.docker.compose.project=${project}`;
  const child = spawn(
    'docker',
    ['events', '--since', '0s', '--filter', 'event=start', '--filter', filter, '--format', '.'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let seen = 0;
  const reached = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on('line', () => {
      seen += 1;
      if (seen === count) resolve(performance.now());
    });
  });
  // The command has no sign of readiness; its connection stands well within this.
  const ready = new Promise<void>((resolve) => setTimeout(resolve, 300));
  return { ready, reached, end: () => child.kill() };
}

async function timed(project: string, count: number, act: () => Promise<void>): Promise<Round> {
  const watch = starts(project, count);
  await watch.ready;
  const begun = performance.now();
  const [reached, done] = await Promise.all([watch.reached, act().then(() => performance.now())]);
  watch.end();
  return { running: reached - begun, done: done - begun };
}

async function ours(system: System, node: string, name: string, text: string, count: number): Promise<Round> {
  const round = await timed(name, count, async () => {
    const body = { compose: text, targets: { nodes: [node] } };
    const { deployment } = expectStatus(await system.api('PUT', `/api/stacks/${name}`, body), 202).body;
    const outcome = await ended(system, deployment, 180_000);
    if (outcome.state !== 'succeeded') throw new Error(`${name}: ${outcome.reason}`);
  });
  return round;
}

async function removed(system: System, name: string): Promise<void> {
  const { deployment } = expectStatus(await system.api('DELETE', `/api/stacks/${name}`), 200, 202).body;
  await ended(system, deployment, 180_000);
}

async function noop(system: System, node: string, name: string, text: string): Promise<number> {
  const begun = performance.now();
  const body = { compose: text, targets: { nodes: [node] } };
  expectStatus(await system.api('PUT', `/api/stacks/${name}`, body), 200);
  return performance.now() - begun;
}

async function sized(system: System, node: string, image: string, size: number, folder: string): Promise<string[][]> {
  const fresh = { floor: [] as Round[], ours: [] as Round[] };
  const again = { floor: [] as number[], ours: [] as number[] };
  const text = composeFile(image, size, 'bench');
  const file = `${folder}/compose-${size}.yaml`;
  writeFileSync(file, text);
  for (let round = 0; round < ROUNDS; round++) {
    const [floorName, ourName] = [`floor-${size}-${round}`, `ours-${size}-${round}`];
    const plain = async () => {
      fresh.floor.push(await timed(floorName, size, () => compose(floorName, file, 'up', '-d')));
      const begun = performance.now();
      await compose(floorName, file, 'up', '-d');
      again.floor.push(performance.now() - begun);
      await compose(floorName, file, 'down', '-t', '1');
    };
    const overseer = async () => {
      fresh.ours.push(await ours(system, node, ourName, text, size));
      again.ours.push(await noop(system, node, ourName, text));
      await removed(system, ourName);
    };
    // Turn about, so that a drift of the machine favours neither.
    for (const side of round % 2 === 0 ? [plain, overseer] : [overseer, plain]) await side();
  }
  const running = (rounds: readonly Round[]) => rounds.map((round) => round.running);
  const done = (rounds: readonly Round[]) => rounds.map((round) => round.done);
  const row = (what: string, mine: readonly number[], floor: readonly number[]) => [
    `${size} ${size === 1 ? 'service' : 'services'}, ${what}`,
    seconds(median(mine)),
    seconds(median(floor)),
    `${medianRatio(mine, floor).toFixed(2)}x`,
  ];
  return [
    row('all running', running(fresh.ours), running(fresh.floor)),
    row('judged healthy / exit', done(fresh.ours), done(fresh.floor)),
    row('nothing to do', again.ours, again.floor),
  ];
}

export async function deployBench(system: System, node: string, image: string): Promise<string> {
  const folder = mkdtempSync('/tmp/ovb-');
  const rows: string[][] = [];
  try {
    for (const size of SIZES) rows.push(...(await sized(system, node, image, size, folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return table(`Deploy, medians of ${ROUNDS}`, ['', 'overseer', 'compose up -d', 'ratio'], rows);
}
