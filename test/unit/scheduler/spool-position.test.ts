import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { comesAfter, sequenceOf } from '#services/scheduler/spool-position.ts';

const TABLE: readonly [position: string | undefined, end: string, isAfter: boolean][] = [
  ['a:4', 'a:5', false],
  ['a:5', 'a:5', false],
  ['a:6', 'a:5', true],
  ['a:10', 'a:9', true],
  ['b:1', 'a:5', true],
  [undefined, 'a:5', true],
];

describe("places in a node's own order", () => {
  for (const [position, end, isAfter] of TABLE) {
    test(`${position} ${isAfter ? 'comes' : 'does not come'} after ${end}`, () => {
      assert.equal(comesAfter(position, end), isAfter);
    });
  }

  test('what is no number is nowhere', () => {
    assert.deepEqual(['a:7', 'a:x', 'a', '', undefined].map(sequenceOf), [7, 0, 0, 0, 0]);
  });
});
