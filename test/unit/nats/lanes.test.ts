// Lanes: many senders take turns, and none holds more than its part.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as breath } from 'node:timers/promises';
import { lanes } from '#infra/nats/lanes.ts';

interface Step {
  readonly name: string;
  readonly end: () => void;
}

function stage(atOnce: number, perLane: number) {
  const made = lanes(atOnce, perLane);
  const begun: Step[] = [];
  const run = (lane: string, name: string) =>
    made.run(lane, () => {
      const done = Promise.withResolvers<void>();
      begun.push({ name, end: done.resolve });
      return done.promise;
    });
  const settle = async () => {
    for (let time = 0; time < 20; time += 1) await breath();
  };
  return { begun, run, settle, names: () => begun.map(({ name }) => name) };
}

test('one lane holds no more than its part, and the others get in', async () => {
  const { begun, run, settle, names } = stage(4, 2);
  const all = [...'abcdef'].map((name) => run('loud', name));
  await settle();
  assert.deepEqual(names(), ['a', 'b']);
  all.push(run('quiet', 'q'));
  await settle();
  assert.deepEqual(names(), ['a', 'b', 'q']);
  for (let index = 0; index < 7; index += 1) {
    begun[index]?.end();
    await settle();
  }
  await Promise.all(all);
  assert.deepEqual(names(), ['a', 'b', 'q', 'c', 'd', 'e', 'f']);
});

test('those that wait take turns, in the order in which they began to wait', async () => {
  const { begun, run, settle, names } = stage(1, 1);
  const all = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) => run(name[0] ?? '', name));
  for (let index = 0; index < 6; index += 1) {
    await settle();
    begun[index]?.end();
  }
  await Promise.all(all);
  assert.deepEqual(names(), ['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
});

test('work that fails makes room like any other, and says so', async () => {
  const made = lanes(1, 1);
  await assert.rejects(
    made.run('a', async () => {
      throw new Error('no');
    }),
    /no/,
  );
  await made.run('a', async () => {});
});
