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
/** Longer than all restarts take. */
const WRITERS = { services: 1, linesPerSecond: PER_SECOND, seconds: 600, maxSize: '10m', maxFile: 3 };

const numberOf = ({ item }: HeardLine) => Number(/^n=(\d+) /.exec(item.text ?? '')?.[1] ?? Number.NaN);

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
    ending.abort();
    await following;
    const numbers = heard.map(numberOf);
    const [first = 0] = numbers;
    t.diagnostic(`${numbers.length} lines over ${opened} connections`);
    assert.ok(opened > RESTARTS);
    assert.deepEqual(
      numbers.filter((number, index) => number !== first + index),
      [],
      'lines out of their order: missing before them, or there twice',
    );
    assert.equal(new Set(heard.map(({ id }) => id)).size, heard.length);
  });

  test(`${FOLLOWERS} who follow and leave, half of them in the middle of a frame, leave nothing behind`, async (t) => {
    const { system } = world;
    await onlineNode(system, 'far');
    const descriptors = () => readdirSync(`/proc/${system.pid('core')}/fd`).length;
    const processes = () => processesOf(system.data).length;
    // What the first of them warms up stays.
    await round(world, 5);
    const before = { descriptors: descriptors(), processes: processes() };
    await round(world, FOLLOWERS, () => {
      assert.ok(descriptors() >= before.descriptors + FOLLOWERS, 'control: each holds a descriptor while it is there');
    });
    await until(() => descriptors() <= before.descriptors + 3, 60_000, 'descriptors to be given back').catch(() => {});
    t.diagnostic(`descriptors ${before.descriptors} before, ${descriptors()} after`);
    assert.ok(descriptors() <= before.descriptors + 3, `${descriptors()} descriptors, ${before.descriptors} before`);
    assert.equal(processes(), before.processes);
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
  await until(() => heard.every((lines) => lines > 0), 60_000, 'a line for each');
  whileAllAreThere();
  for (const [index, ending] of endings.entries()) {
    if (index % 2 === 0) await pause(5);
    ending.abort();
  }
  await Promise.all(following);
}
