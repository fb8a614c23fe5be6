// Who gives room, and whose batches go next.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GROUP_BYTES, nextGroup } from '#services/logs/ingest/group.ts';
import { excess, levelOf, roomFor } from '#services/logs/room/share.ts';

test('a disk that stays nearly full stops the store where it is, however often it is looked at', () => {
  const [max, held] = [10_000_000_000, 3_000_000_000];
  let room = roomFor(max, held, false, max);
  assert.equal(room, max);
  for (let look = 0; look < 100; look++) {
    room = roomFor(max, held - look, true, room);
    assert.equal(room, held);
    assert.deepEqual(excess(new Map([['n', held - look]]), room, room * 0.98), new Map(), 'nothing is removed for it');
  }
  assert.equal(roomFor(max, held, false, room), max);
  assert.ok(roomFor(max, 0, true, max) > 0, 'one that begins there holds something');
  assert.equal(roomFor(1000, 5000, true, 1000), 1000);
});

describe('shares', () => {
  const cases: [number[], number, number][] = [
    [[1, 2, 3], 10, Number.POSITIVE_INFINITY],
    [[10, 10], 10, 5],
    [[1, 100], 10, 9],
    [[1, 2, 100, 100], 13, 5],
    [[100], 0, 0],
    [[], 10, Number.POSITIVE_INFINITY],
  ];
  for (const [usage, room, level] of cases) {
    test(`${usage} in ${room}: up to ${level} each`, () => assert.equal(levelOf(usage, room), level));
  }

  test('what is left fits, and nobody below the share of all gives anything', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 }), fc.nat(5000), (sizes, room) => {
        const usage = new Map(sizes.map((size, index) => [`n${index}`, size]));
        const given = excess(usage, room, room);
        const left = [...usage].map(([node, size]) => size - (given.get(node) ?? 0));
        assert.ok(left.reduce((sum, size) => sum + size, 0) <= room);
        for (const [node, size] of usage) {
          if (size <= room / usage.size) assert.equal(given.get(node) ?? 0, 0);
        }
      }),
    );
  });

  test('while all fits nobody gives', () => {
    assert.equal(excess(new Map([['a', 5]]), 5, 4).size, 0);
  });
});

describe('groups', () => {
  const one = (node: string, bytes = 1) => ({ node, bytes });

  test('a batch of each node in turn', () => {
    const waiting = [one('a'), one('a'), one('a'), one('b'), one('c'), one('c')];
    assert.deepEqual(
      nextGroup(waiting).map(({ node }) => node),
      ['a', 'b', 'c', 'a', 'c', 'a'],
    );
  });

  test('no more bytes than a commit takes, one batch at least', () => {
    const large = [one('a', GROUP_BYTES * 2), one('b', 1)];
    assert.deepEqual(nextGroup(large), [large[0]]);
    assert.deepEqual(nextGroup([]), []);
  });

  test('whoever waits is in the first group when there is room, however much another has waiting', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), (loud) => {
        const waiting = [...Array.from({ length: loud }, () => one('loud', GROUP_BYTES / 4)), one('quiet', 10)];
        assert.ok(nextGroup(waiting).some(({ node }) => node === 'quiet'));
      }),
    );
  });
});
