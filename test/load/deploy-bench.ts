// From the request to every container running, for a first deploy and for an update of all services: ours beside `docker
// compose up -d` and `docker stack deploy` of the same file on the same engine, in turn. All are timed by the engine's own
// start events, so that none judges itself.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { sayOnStderr } from '#infra/setup/say.ts';
import { composeFile } from './compose-file.ts';
import type { Contender } from './contenders.ts';
import { median, medianRatio, seconds, table } from './figures.ts';

const ROUNDS = 5;
const SIZES = [1, 5, 20];

interface Timed {
  /** Request to last container's start. */
  readonly running: number;
  /** Request to the end of the call: Compose's exit, swarm's convergence, our deployment's outcome. */
  readonly done: number;
}

interface Round {
  readonly first: Timed;
  readonly update: Timed;
  /** The same again. */
  readonly nothing: number;
}

/** Resolves at the n-th start of a container; `ready` once the engine listens to us. */
function starts(dockerHost: string, filter: string, count: number) {
  // A time of its own: by `0s` the engine means its present second, with starts of the round before in it.
  const since = (Date.now() / 1000).toFixed(3);
  const args = ['events', '--since', since, '--filter', 'event=start', '--filter', filter, '--format', '.'];
  const env = { PATH: process.env['PATH'], DOCKER_HOST: dockerHost };
  const child = spawn('docker', args, { stdio: ['ignore', 'pipe', 'inherit'], env });
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

async function timed(dockerHost: string, filter: string, count: number, act: () => Promise<void>): Promise<Timed> {
  const watch = starts(dockerHost, filter, count);
  try {
    await watch.ready;
    const begun = performance.now();
    const [reached, done] = await Promise.all([watch.reached, act().then(() => performance.now())]);
    return { running: reached - begun, done: done - begun };
  } finally {
    watch.end();
  }
}

interface Field {
  readonly dockerHost: string;
  readonly image: string;
  readonly folder: string;
}

async function played(field: Field, contender: Contender, size: number, round: number): Promise<Round> {
  const { dockerHost, image, folder } = field;
  const name = `${contender.name.split(' ')[1] ?? 'ours'}-${size}-${round}`;
  const filter = `label=${contender.label}=${name}`;
  const file = `${folder}/compose.yaml`;
  const apply = async (mark: string) => {
    const text = composeFile(image, size, mark);
    writeFileSync(file, text);
    await contender.apply(name, file, text);
  };
  const first = await timed(dockerHost, filter, size, () => apply('one'));
  const begun = performance.now();
  await apply('one');
  const nothing = performance.now() - begun;
  const update = await timed(dockerHost, filter, size, () => apply('two'));
  await contender.remove(name);
  return { first, update, nothing };
}

const MEASURES: readonly (readonly [string, (round: Round) => number])[] = [
  ['deploy, all running', ({ first }) => first.running],
  ['deploy, called done', ({ first }) => first.done],
  ['update all, all running', ({ update }) => update.running],
  ['update all, called done', ({ update }) => update.done],
  ['nothing to do', ({ nothing }) => nothing],
];

/** @param contenders ours first, then those it is held against */
export async function deployBench(
  dockerHost: string,
  image: string,
  contenders: readonly [Contender, ...Contender[]],
): Promise<string> {
  const folder = mkdtempSync('/tmp/ovb-');
  const rows: string[][] = [];
  try {
    for (const size of SIZES) {
      const rounds = contenders.map((): Round[] => []);
      for (let round = 0; round < ROUNDS; round++) {
        // Turn about, so that a drift of the machine favours nobody.
        for (const turn of contenders.keys()) {
          const at = (turn + round) % contenders.length;
          const contender = contenders[at] as Contender;
          sayOnStderr(`${size} services, round ${round + 1} of ${ROUNDS}: ${contender.name}`);
          rounds[at]?.push(await played({ dockerHost, image, folder }, contender, size, round));
        }
      }
      for (const [what, of] of MEASURES) {
        const [ours = [], ...others] = rounds.map((own) => own.map(of));
        const against = others.flatMap((theirs) => [
          seconds(median(theirs)),
          `${medianRatio(ours, theirs).toFixed(2)}x`,
        ]);
        rows.push([`${size} ${size === 1 ? 'service' : 'services'}, ${what}`, seconds(median(ours)), ...against]);
        // What is known is not lost with a run that is broken off.
        sayOnStderr(rows.at(-1)?.join('  ') ?? '');
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const [own, ...others] = contenders.map(({ name }) => name);
  const header = ['', own ?? '', ...others.flatMap((name) => [name, 'ratio'])];
  return table(`Deploy and update, medians of ${ROUNDS}`, header, rows);
}
