// Logs from a container to an operator's terminal, over kills of the core between: each line once, in order.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { deploy, onlineNode } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { numbered } from '#test/harness/numbered-logs.ts';
import { kill } from '#test/harness/processes.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

const PATIENCE_MS = 120_000;
const WRITERS = { services: 1, linesPerSecond: 20, seconds: 30, maxSize: '10m', maxFile: 3 };
const TOTAL = WRITERS.linesPerSecond * WRITERS.seconds;
const WANTED = Array.from({ length: TOTAL }, (_, at) => at + 1);

describe('logs of a container', () => {
  let machine: Machine;
  let system: System;
  let folder: string;
  const running: ChildProcess[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'overseer-logs-'));
    machine = await startMachine();
    system = await startSystem({ dockerHost: machine.dockerHost });
    await onlineNode(system);
  });
  after(async () => {
    for (const child of running) child.kill('SIGKILL');
    await system?.stop();
    await machine?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** `overseer …` as a process; what it printed so far, and how it ended. */
  const overseer = (line: string) => {
    const child = spawn(process.execPath, ['clients/cli/main.ts', ...line.split(' ')], {
      env: {
        ...{ PATH: process.env['PATH'] ?? '', INIT_CWD: folder },
        ...{ OVERSEER_URL: system.url, OVERSEER_TOKEN: system.token },
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    const printed = { out: '', err: '' };
    child.stdout.on('data', (chunk) => (printed.out += chunk));
    child.stderr.on('data', (chunk) => (printed.err += chunk));
    const code = new Promise<number | null>((resolve) => child.on('close', resolve));
    return { child, printed, code };
  };
  const done = async (line: string) => {
    const { printed, code } = overseer(line);
    assert.equal(await code, 0, printed.err);
    return printed.out;
  };
  const numbers = (out: string) => [...out.matchAll(/\bn=(\d+) /g)].map(([, number]) => Number(number));

  test('are followed in a terminal while the core is killed, each line once', async () => {
    const followed = overseer('logs counted -f -n all');
    const node = (await onlineNode(system)).id;
    await deploy(system, 'counted', numbered(WRITERS), { nodes: [node] });
    for (let round = 1; round <= 3; round += 1) {
      const seen = numbers(followed.printed.out).length;
      await until(() => numbers(followed.printed.out).length > seen, PATIENCE_MS, `lines, round ${round}`);
      const core = system.pid('core');
      kill(core, 'SIGKILL');
      await until(() => (system.find('core') ?? core) !== core, PATIENCE_MS, 'another core');
    }
    await until(() => numbers(followed.printed.out).includes(TOTAL), PATIENCE_MS, 'the last line');
    followed.child.kill('SIGINT');
    assert.equal(await followed.code, 0, followed.printed.err);
    assert.doesNotMatch(followed.printed.out, /missing/);
    const told = numbers(followed.printed.out);
    assert.deepEqual(
      told.toSorted((a, b) => a - b),
      WANTED,
    );
    assert.match(followed.printed.out, /^\S+ counted\/writer-0 \| n=1 /m);
  });

  test('are searched, counted and downloaded, from wherever one asks', async () => {
    assert.deepEqual(numbers(await done('logs counted -n 7')), WANTED.slice(-7));
    assert.deepEqual(numbers(await done('logs counted -n all')), WANTED);
    assert.deepEqual(numbers(await done('logs --service writer-0 --grep n=59 -n all')), [
      59,
      ...WANTED.filter((number) => number >= 590 && number <= 599),
    ]);
    assert.deepEqual(numbers(await done('logs --regex ^n=(17|18)\\b -n all')), [17, 18]);
    assert.deepEqual(numbers(await done('logs nothing-of-this-name')), []);
    await done('logs counted --download counted.log');
    assert.deepEqual(numbers(readFileSync(join(folder, 'counted.log'), 'utf8')), WANTED);
    await done('logs counted --download counted.ndjson');
    const items = readFileSync(join(folder, 'counted.ndjson'), 'utf8').trim().split('\n');
    assert.deepEqual(
      items.map((text) => numbers(JSON.parse(text).text)[0]),
      WANTED,
    );
  });

  test('are all held, and that is told', async () => {
    const { items } = JSON.parse(await done('logs counted --coverage -o json'));
    const held = items.flatMap((file: { held: object[] }) => file.held);
    assert.deepEqual(held, [{ from: 0, to: TOTAL }]);
    assert.deepEqual(items[0].gaps, []);
    assert.match(await done('logs counted --coverage'), /counted\/writer-0 +\w{8} +600 /);
  });

  test('an expression that can not be is refused', async () => {
    const { printed, code } = overseer('logs --regex (');
    assert.equal(await code, 1);
    assert.match(printed.err, /regex/);
  });
});
