// Following logs while the core is killed again and again, and many who follow and leave.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { deploy, onlineNode } from '#test/harness/fleet.ts';
import { follow, type HeardLine } from '#test/harness/log-history.ts';
import { numbered } from '#test/harness/numbered-logs.ts';
import { type World, worldOf } from '#test/harness/outage.ts';
import { processesOf } from '#test/harness/processes.ts';
import { until } from '#test/harness/until.ts';

const RESTARTS = 10;
const FOLLOWERS = 200;
const PER_SECOND = 200;
/** Sockets that were closed here are still to be closed there. */
const SETTLE_MS = 3_000;
const LATE_MS = 60_000;
/** Longer than all restarts take. */
const WRITERS = { services: 1, linesPerSecond: PER_SECOND, seconds: 600, maxSize: '10m', maxFile: 3 };

const numberOf = ({ item }: HeardLine) => Number(/^n=(\d+) /.exec(item.text ?? '')?.[1] ?? Number.NaN);

/** Between the least and the greatest. @throws when one is there twice */
function missingIn(numbers: readonly number[]): number[] {
  const there = new Set(numbers);
  assert.equal(there.size, numbers.length, 'a line came twice');
  const first = Math.min(...numbers);
  const all = Array.from({ length: Math.max(...numbers) - first + 1 }, (_, index) => first + index);
  return all.filter((number) => !there.has(number));
}

describe('those who follow', () => {
  let world: World;
  before(async () => {
    world = await worldOf(0);
    await deploy(world.system, 'lines', numbered(WRITERS), { nodes: [world.agent.node] });
  });
  after(async () => {
    await world?.stop();
  });

  test(`${RESTARTS} restarts of the core: no line is missing, none comes twice`, async (t) => {
    const { system } = world;
    const ending = new AbortController();
    const heard: HeardLine[] = [];
    let opened = 0;
    const following = follow(
      system,
      'stack=lines',
      ending.signal,
      (line) => heard.push(line),
      () => {
        opened += 1;
      },
    );
    await until(() => heard.length > PER_SECOND, 30_000, 'the first lines');
    for (let restart = 1; restart <= RESTARTS; restart++) {
      const before = opened;
      const lines = heard.length;
      system.kill('core', 'SIGKILL');
      await until(
        () => opened > before && heard.length > lines + PER_SECOND,
        120_000,
        `lines after restart ${restart}`,
      );
    }
    // What the core had in hand when it was killed is delivered again later, and comes after what was written since.
    const holes = () => missingIn(heard.map(numberOf));
    await until(() => holes().length === 0, LATE_MS, 'late lines').catch(() => {});
    ending.abort();
    await following;
    t.diagnostic(`${heard.length} lines over ${opened} connections`);
    assert.ok(opened > RESTARTS);
    assert.deepEqual(holes(), []);
    assert.equal(new Set(heard.map(({ id }) => id)).size, heard.length);
  });

  test(`${FOLLOWERS} who follow and leave, half of them in the middle of a frame, leave nothing behind`, async (t) => {
    const { system } = world;
    await onlineNode(system, 'far');
    const descriptors = () => readdirSync(`/proc/${system.pid('core')}/fd`).length;
    const processes = () => processesOf(system.data).length;
    // What the first of them warms up stays.
    await round(world, 5);
    await pause(SETTLE_MS);
    const before = { descriptors: descriptors(), processes: processes() };
    await round(world, FOLLOWERS, () => {
      const there = descriptors();
      assert.ok(there >= FOLLOWERS, `control: each holds one of ${there} descriptors`);
    });
    await until(() => descriptors() <= before.descriptors + 3, 60_000, 'descriptors to be given back').catch(() => {});
    t.diagnostic(`descriptors ${before.descriptors} before, ${descriptors()} after`);
    assert.ok(descriptors() <= before.descriptors + 3, `${descriptors()} descriptors, ${before.descriptors} before`);
    // Connections of the database that rest are given back meanwhile, and their processes end.
    assert.ok(processes() <= before.processes, `${processes()} processes, ${before.processes} before`);
  });
});

async function round({ system }: World, count: number, whileAllAreThere = () => {}): Promise<void> {
  const endings = Array.from({ length: count }, () => new AbortController());
  const heard = new Array<number>(count).fill(0);
  const following = endings.map((ending, index) =>
    follow(system, 'stack=lines', ending.signal, () => {
      heard[index] = (heard[index] ?? 0) + 1;
    }),
  );
  try {
    await until(() => heard.every((lines) => lines > 0), 60_000, 'a line for each');
    whileAllAreThere();
    for (const [index, ending] of endings.entries()) {
      if (index % 2 === 0) await pause(5);
      ending.abort();
    }
  } finally {
    for (const ending of endings) ending.abort();
    await Promise.all(following);
  }
}
