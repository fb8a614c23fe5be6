// Pages put together from parts, and a deployment from its outline and what was done.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { everyRow, gathered } from '#services/gateway/routes/pages.ts';
import { joined } from '#services/gateway/whole-deployment.ts';
import type { DeploymentOutline } from '#subjects/schema/deployment.ts';

/** A list that answers with fewer rows than it was asked for, as one that is cut by its bytes. */
function list(count: number, most: number, row: (index: number) => unknown = (index) => index) {
  return async ({ limit, cursor = '0' }: { limit: number; cursor?: string }) => {
    const from = Number(cursor);
    const to = Math.min(count, from + Math.min(limit, most));
    return {
      items: Array.from({ length: to - from }, (_, index) => row(from + index)),
      nextCursor: to < count ? String(to) : null,
    };
  };
}

test('whatever the parts are, a page has its limit, and the pages have every row once', async () => {
  const sizes = fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 60 }));
  await fc.assert(
    fc.asyncProperty(sizes, async ([count, most, limit]) => {
      const rows: unknown[] = [];
      for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
        const page: Awaited<ReturnType<ReturnType<typeof list>>> = await gathered(
          { limit, ...(cursor === null ? {} : { cursor }) },
          list(count, most),
        );
        assert.equal(page.items.length, Math.min(limit, count - rows.length));
        rows.push(...page.items);
        cursor = page.nextCursor;
      }
      assert.deepEqual(
        rows,
        Array.from({ length: count }, (_, index) => index),
      );
    }),
  );
});

test('a page of very large rows ends before its limit, and leads on', async () => {
  const large = () => 'x'.repeat(5 * 1024 * 1024);
  const page = await gathered({ limit: 10 }, list(10, 1, large));
  assert.deepEqual([page.items.length, page.nextCursor], [4, '4']);
  const rest = await gathered({ limit: 10, cursor: '8' }, list(10, 1, large));
  assert.deepEqual([rest.items.length, rest.nextCursor], [2, null]);
  assert.equal((await everyRow(list(10, 1, large))).length, 10);
});

test('a target of which nothing was told stands without steps; what is told of no target is none', () => {
  const target = {
    ...{ nodeName: 'n', state: 'pending' as const, reason: null },
    parked: false,
    finishedAt: null,
    batch: 1,
  };
  const outline = {
    id: 'd',
    targets: [
      { ...target, node: 'a' },
      { ...target, node: 'b' },
    ],
  } as unknown as DeploymentOutline;
  const step = { step: 'up' } as never;
  const whole = joined(outline, [
    { node: 'b', failure: null, steps: [step] },
    { node: 'c', failure: null, steps: [step] },
  ]);
  assert.deepEqual(
    whole.targets.map(({ node, steps }) => [node, steps.length]),
    [
      ['a', 0],
      ['b', 1],
    ],
  );
});
