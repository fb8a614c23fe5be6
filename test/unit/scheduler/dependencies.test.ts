import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cycleFrom } from '#services/scheduler/dependencies.ts';

/** `a:b,c b:c`: a needs b and c, b needs c. */
function needs(text: string): Map<string, string[]> {
  return new Map(
    text.split(' ').map((word) => {
      const [name = '', others = ''] = word.split(':');
      return [name, others.split(',').filter((other) => other !== '')];
    }),
  );
}

const TABLE: readonly [graph: string, from: string, cycle: string | null][] = [
  ['a:b b:', 'a', null],
  ['a:a', 'a', 'a a'],
  ['a:b b:a', 'a', 'a b a'],
  ['a:b,c b:d c:d d:', 'a', null],
  ['a:b b:c c:a', 'b', 'b c a b'],
  ['a:b b:c c:b', 'a', null],
  ['a:stranger', 'a', null],
];

describe('stacks that wait for each other', () => {
  for (const [graph, from, cycle] of TABLE) {
    test(`${graph} from ${from}: ${cycle ?? 'no circle'}`, () => {
      assert.equal(cycleFrom(from, needs(graph))?.join(' ') ?? null, cycle);
    });
  }
});
