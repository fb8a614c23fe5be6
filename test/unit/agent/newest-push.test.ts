import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { newestPush } from '#agent/desired/newest-push.ts';

function line() {
  const open: PromiseWithResolvers<void>[] = [];
  /** As a node takes documents: older ones have no effect. */
  const taken: number[] = [];
  const push = newestPush(
    () => {
      const next = Promise.withResolvers<void>();
      open.push(next);
      return next.promise;
    },
    (payload) => {
      const generation = payload[0] as number;
      if (generation > (taken.at(-1) ?? 0)) taken.push(generation);
    },
  );
  return { open, taken, push: (n: number) => push(Uint8Array.of(n)) };
}

describe('documents pushed in a row', () => {
  test('the newest of all that came before the answer takes effect, and no older one before it', async () => {
    const { open, taken, push } = line();
    for (const n of [1, 2, 3]) push(n);
    assert.deepEqual(taken, []);
    open[0]?.resolve();
    await turn();
    assert.deepEqual(taken, [3]);
    push(4);
    open[1]?.resolve();
    await turn();
    assert.deepEqual(taken, [3, 4]);
  });

  test('one that is worth nothing and comes last hides no other', async () => {
    const { open, taken, push } = line();
    push(5);
    open[0]?.resolve();
    await turn();
    for (const n of [7, 2, 1]) push(n);
    open[1]?.resolve();
    await turn();
    assert.deepEqual(taken, [5, 7]);
  });

  test('a broken link drops what it held, and the next link is not blocked by it', async () => {
    const { open, taken, push } = line();
    push(1);
    open[0]?.reject(new Error('disconnected'));
    await turn();
    assert.deepEqual(taken, []);
    push(2);
    open[1]?.resolve();
    await turn();
    assert.deepEqual(taken, [2]);
  });

  test('whatever the order of pushes and answers: never backwards, and the last one is taken', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), async (isPush) => {
        const { open, taken, push } = line();
        let last = 0;
        for (const next of isPush) {
          if (next) push(++last);
          else open.shift()?.resolve();
          await turn();
        }
        for (const waiting of open) waiting.resolve();
        await turn();
        assert.deepEqual(
          taken,
          taken.toSorted((a, b) => a - b),
        );
        assert.equal(taken.at(-1) ?? 0, last);
      }),
      { numRuns: 100 },
    );
  });
});
