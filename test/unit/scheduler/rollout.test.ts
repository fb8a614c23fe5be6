import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Input, isSettled, next, outcomeOf, type Tally, type Target } from '#services/scheduler/rollout.ts';
import type { ObservedStack } from '#subjects/schema/report.ts';

const GENERATION = 5;

function target(action: Target['action'], state: Target['state'] = 'pending'): Target {
  return { action, state, reason: null, generation: GENERATION, hash: action === 'run' ? 'wanted' : null };
}

function observed(phase: ObservedStack['phase'], hash: string | null = 'wanted'): ObservedStack {
  return {
    name: 'web',
    revision: 1,
    deployment: null,
    hash,
    phase,
    reason: 'why',
    services: [],
    drift: [],
    settled: null,
  };
}

/** `5 running` is a report at generation 5; `5 running other` one with another hash; `5 -` one without the stack. */
function inputIn(text: string): Input {
  const [first = '', phase = '', hash] = text.split(' ');
  if (first === 'step') return { type: 'step-started' };
  if (first === 'ok') return { type: 'settled', outcome: 'succeeded', reason: null, failure: null };
  if (first === 'bad') return { type: 'settled', outcome: 'failed', reason: 'why', failure: null };
  if (first === 'undone') return { type: 'settled', outcome: 'rolled-back', reason: 'why', failure: null };
  if (first === 'drop') return { type: 'dropped', reason: 'why' };
  const stack = phase === '-' ? null : observed(phase as ObservedStack['phase'], hash);
  return { type: 'observed', generation: Number(first), stack };
}

const TARGETS: readonly [action: Target['action'], inputs: string, state: string][] = [
  ['run', '', 'pending'],
  ['run', 'step', 'progressing'],
  ['run', 'step, ok', 'succeeded'],
  ['run', 'ok', 'succeeded'],
  ['run', 'bad', 'failed'],
  ['run', 'bad, ok', 'failed'],
  ['run', 'undone', 'rolled-back'],
  ['run', 'undone, ok', 'rolled-back'],
  ['run', '5 rolled-back other', 'pending'],
  ['run', '5 rolled-back', 'pending'],
  ['run', 'ok, bad', 'succeeded'],
  ['run', 'ok, step', 'succeeded'],
  ['run', '5 running', 'succeeded'],
  ['run', '5 stopped', 'succeeded'],
  ['run', '9 running', 'succeeded'],
  ['run', '4 running', 'pending'],
  ['run', '5 running other', 'pending'],
  ['run', '5 applying', 'pending'],
  ['run', '5 degraded', 'pending'],
  ['run', '5 failed', 'failed'],
  ['run', '5 -', 'pending'],
  ['run', 'step, drop', 'superseded'],
  ['run', 'drop, ok', 'superseded'],
  ['remove', '5 running', 'pending'],
  ['remove', '5 removing', 'pending'],
  ['remove', '5 removed', 'succeeded'],
  ['remove', '5 -', 'succeeded'],
  ['remove', '4 -', 'pending'],
  ['remove', 'step, ok', 'succeeded'],
];

describe('one node of a deployment', () => {
  for (const [action, inputs, state] of TARGETS) {
    test(`${action}: ${inputs === '' ? 'nothing told' : inputs} -> ${state}`, () => {
      const told = inputs.split(', ').filter((text) => text !== '');
      const after = told.reduce((before, text) => next(before, inputIn(text)), target(action));
      assert.equal(after.state, state);
    });
  }

  test('a target that is held back is moved by nothing that is told, only dropped', () => {
    const held = target('run', 'held');
    for (const text of ['step', 'ok', 'bad', '5 running', '9 failed']) assert.equal(next(held, inputIn(text)), held);
    assert.equal(next(held, inputIn('drop')).state, 'superseded');
  });

  test('a command is settled by its outcome alone', () => {
    const command: Target = { ...target('run'), hash: null, generation: 0 };
    for (const text of ['5 running', '5 failed', '5 running wanted'])
      assert.equal(next(command, inputIn(text)), command);
    assert.equal(next(command, inputIn('ok')).state, 'succeeded');
  });

  test('a reason comes with failure', () => {
    assert.equal(next(target('run'), inputIn('5 failed')).reason, 'why');
    assert.equal(next(target('run'), inputIn('bad')).reason, 'why');
  });
});

const NONE: Tally = {
  held: 0,
  rolledBack: 0,
  pending: 0,
  progressing: 0,
  succeeded: 0,
  failed: 0,
  waiting: 0,
  superseded: 0,
  failure: null,
};
const OUTCOMES: readonly [tally: Partial<Tally>, state: string, reason: string | null][] = [
  [{}, 'succeeded', 'no node matches'],
  [{ superseded: 2 }, 'succeeded', 'none of its nodes is left'],
  [{ pending: 3 }, 'pending', null],
  [{ pending: 3, waiting: 1 }, 'progressing', null],
  [{ pending: 2, waiting: 2 }, 'progressing', 'waiting for 2 nodes that are offline'],
  [{ pending: 1, waiting: 1, succeeded: 4 }, 'progressing', 'waiting for 1 node that is offline'],
  [{ pending: 1, waiting: 1, failed: 1 }, 'progressing', 'waiting for 1 node that is offline'],
  [{ pending: 2, progressing: 1 }, 'progressing', null],
  [{ pending: 1, succeeded: 1 }, 'progressing', null],
  [{ succeeded: 3 }, 'succeeded', null],
  [{ succeeded: 3, superseded: 1 }, 'succeeded', null],
  [{ succeeded: 2, failed: 1, failure: 'pull' }, 'failed', 'failed on 1 of 3 nodes: pull'],
  [{ failed: 1, progressing: 1 }, 'progressing', null],
  [{ succeeded: 2, rolledBack: 1, failure: 'exited 7' }, 'rolled-back', 'rolled back on 1 of 3 nodes: exited 7'],
  [{ rolledBack: 2, failed: 1, failure: 'pull' }, 'failed', 'failed on 1 of 3 nodes: pull'],
  [{ held: 2 }, 'pending', 'said before'],
  [{ held: 2, succeeded: 1 }, 'progressing', 'said before'],
  [{ held: 1, failed: 1 }, 'progressing', 'said before'],
];

describe('a deployment as a whole', () => {
  for (const [tally, state, reason] of OUTCOMES) {
    test(`${JSON.stringify(tally)} -> ${state}`, () => {
      assert.deepEqual(outcomeOf({ ...NONE, ...tally }, tally.held ? 'said before' : 'of no use'), { state, reason });
    });
  }
});

describe('whatever is told, in whatever order', () => {
  const input = fc.constantFrom(
    ...['step', 'ok', 'bad', 'drop', '4 running', '5 running', '5 failed', '5 -', '5 removed', '6 applying'],
  );

  test('the first outcome stands, and telling it again changes nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom('run' as const, 'remove' as const), fc.array(input), (action, told) => {
        let at = target(action);
        for (const text of told) {
          const after = next(at, inputIn(text));
          if (isSettled(at.state)) assert.equal(after, at);
          assert.deepEqual(next(after, inputIn(text)), after);
          at = after;
        }
      }),
    );
  });
});
