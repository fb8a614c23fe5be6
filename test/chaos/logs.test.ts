// Twenty containers write twenty thousand numbered lines a second for five minutes, and everything on their way is killed or
// cut off again and again: each line is shown once, or within a gap that was told of.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { deploy, expectStatus, onlineNode } from '#test/harness/fleet.ts';
import { downloaded } from '#test/harness/log-history.ts';
import {
  type Count,
  linesOf,
  NumberCount,
  numbered,
  type ShownItem,
  type Writers,
} from '#test/harness/numbered-logs.ts';
import { type World, worldOf } from '#test/harness/outage.ts';
import { until } from '#test/harness/until.ts';

const SECONDS = 300;
const WRITERS: Writers = { services: 5, linesPerSecond: 1000, seconds: SECONDS, maxSize: '1m', maxFile: 3 };
/** A file holds a minute of lines: nothing is away for so long. */
const SLOW: Writers = { ...WRITERS, maxSize: '10m', maxFile: 3 };
const STACKS: readonly (readonly [name: string, writers: Writers])[] = [
  ['fast-0', WRITERS],
  ['fast-1', WRITERS],
  ['slow-0', SLOW],
  ['slow-1', SLOW],
];

const FAULTS = { agent: 20, core: 10, 'nats-server': 5, link: 5 } as const;
type Fault = keyof typeof FAULTS;
const LONGEST_CUT_MS = 8_000;

function shuffled(): Fault[] {
  const faults = (Object.entries(FAULTS) as [Fault, number][]).flatMap(([fault, times]) =>
    Array.from({ length: times }, () => fault),
  );
  for (let left = faults.length - 1; left > 0; left--) {
    const other = randomInt(left + 1);
    [faults[left], faults[other]] = [faults[other] as Fault, faults[left] as Fault];
  }
  return faults;
}

async function strike({ system, agent, machine }: World, fault: Fault): Promise<void> {
  if (fault === 'agent') {
    await agent.kill('SIGKILL');
    await pause(randomInt(2_000));
    agent.start();
  } else if (fault === 'link') {
    machine.cut(randomInt(2) === 0 ? 'silent' : 'reset');
    await pause(1_000 + randomInt(LONGEST_CUT_MS));
    machine.heal();
  } else {
    // The supervisor starts it again.
    await until(() => system.find(fault) !== null, 60_000, `${fault} to run`);
    system.kill(fault, 'SIGKILL');
  }
}

/** Counts of a stack's containers, by service. */
async function counted(world: World, stack: string, writers: Writers): Promise<Map<string, NumberCount>> {
  const counts = new Map<string, NumberCount>();
  for await (const item of downloaded(world.system, `stack=${stack}`)) {
    const { service } = item as ShownItem;
    const count = counts.get(service) ?? new NumberCount(linesOf(writers));
    counts.set(service, count);
    count.take(item);
  }
  return counts;
}

async function hasLast({ system }: World, stack: string, service: string, last: number): Promise<boolean> {
  const query = `stack=${stack}&service=${service}&order=backward&limit=1`;
  const { body } = expectStatus(await system.api('GET', `/api/logs?${query}`), 200);
  return body.items[0]?.text?.startsWith(`n=${last} `) === true;
}

describe('lines under kills', () => {
  let world: World;
  before(async () => {
    world = await worldOf(0);
  });
  after(async () => {
    await world?.stop();
  });

  test(`${STACKS.length * WRITERS.services * WRITERS.linesPerSecond} lines a second, ${SECONDS} s, ${JSON.stringify(FAULTS)}`, async (t) => {
    for (const [name, writers] of STACKS) {
      await deploy(
        world.system,
        name,
        numbered(writers),
        { nodes: [world.agent.node] },
        { strategy: { stabilitySeconds: 1 } },
      );
    }
    const faults = shuffled();
    const every = (SECONDS * 1000 * 0.95) / faults.length;
    const begun = Date.now();
    for (const [index, fault] of faults.entries()) {
      await pause(Math.max(0, begun + index * every - Date.now()));
      await strike(world, fault);
    }
    t.diagnostic(`${faults.length} faults in ${Math.round((Date.now() - begun) / 1000)} s`);
    await onlineNode(world.system, 'far');
  });

  test('the last line of every container arrives', async (t) => {
    const begun = Date.now();
    for (const [stack, writers] of STACKS) {
      for (let index = 0; index < writers.services; index++) {
        await until(
          () => hasLast(world, stack, `writer-${index}`, linesOf(writers)),
          240_000,
          `the last line of ${stack}/writer-${index}`,
        );
      }
    }
    t.diagnostic(`after ${Math.round((Date.now() - begun) / 1000)} s`);
  });

  for (const [stack, writers] of STACKS) {
    test(`${stack}: every line once, or within a gap that was told`, async (t) => {
      const counts = await counted(world, stack, writers);
      assert.equal(counts.size, writers.services);
      const ended: [string, Count][] = [...counts].map(([service, count]) => [service, count.end()]);
      for (const [service, { shown, missing, gaps, twice, silent }] of ended) {
        t.diagnostic(`${service}: ${shown} shown, ${missing} missing, ${gaps} gaps, ${twice.length} twice`);
        assert.deepEqual(twice, [], `${service}: shown twice`);
        assert.deepEqual(silent, [], `${service}: missing in silence`);
        assert.equal(shown + missing, linesOf(writers), service);
        if (writers === SLOW) assert.deepEqual([missing, gaps], [0, 0], `${service}: nothing needs to be lost`);
      }
    });
  }
});

test('control: a line that is missing in silence, and one that is shown twice, are noticed', () => {
  const line = (number: number): ShownItem => {
    const at = `2026-01-01T00:00:00.${String(number).padStart(9, '0')}Z`;
    return { type: 'line', service: 'a', at, text: `n=${number} x`, from: null, to: null, reason: '', rows: null };
  };
  const countOf = (...items: ShownItem[]) => {
    const count = new NumberCount(5);
    for (const item of items) count.take(item);
    return count.end();
  };
  const gap = { ...line(3), type: 'gap', from: line(2).at, to: line(4).at } as const;
  assert.deepEqual(countOf(line(1), line(2), line(4), line(5)).silent.length, 1);
  assert.deepEqual(countOf(line(1), line(2), gap, line(4), line(5)).silent, []);
  assert.deepEqual(countOf(line(1), line(2), gap, line(5)).missing, 2);
  assert.deepEqual(countOf(line(1), line(2), line(3), line(4)).silent.length, 1);
  assert.deepEqual(countOf(line(1), line(2), line(2), line(3)).twice, [2]);
});
