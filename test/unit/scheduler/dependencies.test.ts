import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cycleFrom } from '#services/scheduler/dependencies.ts';
import { whatItLacks } from '#services/scheduler/needed.ts';

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

/** `a:running b:degraded! c:applying~ d`: what each node says of db; `!` it is away, `~` a deployment is on its way to it. */
function lacks(text: string, isStopped = false): string | null {
  const nodes = text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [, name = '', phase = '', mark = ''] = /^(\w+):?([a-z-]*)([!~]?)$/.exec(word) ?? [];
      return { name, phase: phase === '' ? null : phase, isThere: mark !== '!', isChanging: mark === '~' };
    });
  return whatItLacks({ name: 'db', isStopped, nodes });
}

const NEEDED: readonly [nodes: string, lacks: string | null][] = [
  ['', null],
  ['a:running b:running', null],
  ['a:running b:rolled-back', null],
  ['a:rolled-back', null],
  ['a:running b:failed', 'waits for stack db on b (failed)'],
  ['a:running b:degraded', 'waits for stack db on b (degraded)'],
  ['a:running b', 'waits for stack db on b (not there yet)'],
  ['a:running b:running~', 'waits for stack db on b (deploying)'],
  ['a:running b:stopped', 'waits for stack db on b (stopped)'],
  ['a:running b:failed!', null],
  ['a:running!', 'waits for stack db: none of its nodes is online'],
  ['a b c d e:running', 'waits for stack db on a (not there yet), b (not there yet), c (not there yet) and 1 more'],
];

describe('whether a stack runs where others need it', () => {
  for (const [nodes, expected] of NEEDED) {
    test(`${nodes === '' ? 'no node' : nodes} -> ${expected ?? 'it runs'}`, () => {
      assert.equal(lacks(nodes), expected);
    });
  }

  test('one that is stopped does not run, whatever its nodes said last', () => {
    assert.equal(lacks('a:running', true), 'waits for stack db: it is stopped');
  });
});
