// Whole histories of deployments, with versions that fail, hands that meddle and an agent that dies amid its work.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { FAILING, type ModelNode, modelNode } from './model-engine.ts';
import { desired, stack } from './notation.ts';

const LETTERS = ['a', 'b', 'c', ...Object.keys(FAILING)];
const isGood = (letter: string) => !(letter in FAILING);
/** Far more than any history needs: three tries, going back, three tries. */
const MOST_ROUNDS = 40;

interface Deployment {
  readonly letter: string;
  readonly rollback: boolean;
  readonly drift: 'report' | 'correct';
  readonly touched: 'remove' | 'halt' | 'resize' | null;
}

const deployment = fc.record({
  letter: fc.constantFrom(...LETTERS),
  rollback: fc.boolean(),
  drift: fc.constantFrom('report' as const, 'correct' as const),
  touched: fc.option(fc.constantFrom('remove' as const, 'halt' as const, 'resize' as const)),
});
const never = () => false;
const targetOf = ({ letter, rollback, drift }: Deployment, index: number): DesiredStack =>
  stack('web', letter, { revision: index, deployment: `d${index}`, rollback, drift });

/** Until nothing is left to do; a version that fails for good is tried slowly for ever. */
function settle(node: ModelNode, targets: DesiredStack[], isKilled = never): ReturnType<ModelNode['settled']> {
  const told: ReturnType<ModelNode['settled']> = [];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const isOpen = node.round({ ...desired(''), stacks: targets }, isKilled);
    told.push(...node.settled());
    if (!isOpen) return told;
  }
  assert.ok(
    told.some(({ outcome }) => outcome === 'failed'),
    'only what has failed for good, with nothing to go back to, never comes to an end',
  );
  return told;
}

test('every deployment has one outcome, and the last good version runs whatever failed since', () => {
  fc.assert(
    fc.property(fc.array(deployment, { minLength: 1, maxLength: 6 }), (history) => {
      const node = modelNode();
      let good: string | null = null;
      for (const [index, one] of history.entries()) {
        const target = targetOf(one, index + 1);
        const told = settle(node, [target]);
        assert.deepEqual(
          told.map((event) => event.deployment),
          [target.deployment],
        );
        const isBack: boolean = one.rollback && good !== null && good !== one.letter;
        const expected: string = isGood(one.letter) ? 'succeeded' : isBack ? 'rolled-back' : 'failed';
        assert.equal(told[0]?.outcome, expected);
        assert.equal(told[0]?.revision, index + 1);
        if (expected !== 'succeeded') assert.notEqual(told[0]?.reason, null);
        if (isGood(one.letter)) good = one.letter;
        if (expected !== 'failed') assert.equal(node.running('web'), good);
        if (one.touched === null || expected !== 'succeeded') continue;
        node.touch('web', one.touched);
        const before = node.steps.length;
        assert.deepEqual(settle(node, [target]), [], 'a repair has no outcome of its own');
        if (one.drift === 'correct') assert.equal(node.running('web'), one.letter);
        else assert.equal(node.steps.length, before, 'what is only told is left alone');
      }
      assert.ok(node.steps.every((step) => step.kind !== 'down'));
      assert.ok(node.volumes.has('web'), 'its volume is still there');
    }),
    { numRuns: 3000 },
  );
});

test('an agent that dies at any moment ends where it would have ended, with one outcome', () => {
  fc.assert(
    fc.property(
      fc.array(deployment, { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.boolean()),
      (history, deaths) => {
        const node = modelNode();
        let left = 5;
        const isKilled = () => left-- > 0 && deaths.next().value === true;
        let good: string | null = null;
        for (const [index, one] of history.entries()) {
          const target = targetOf({ ...one, drift: 'correct' }, index + 1);
          const told = settle(node, [target], isKilled);
          assert.equal(told.length, 1);
          if (isGood(one.letter)) good = one.letter;
          if (told[0]?.outcome !== 'failed') assert.equal(node.running('web'), good);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('a converged node has an empty plan: a further look changes nothing', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom('web', 'db', 'cache'), { minLength: 1 }),
      fc.array(deployment, { minLength: 1, maxLength: 4 }),
      (names, history) => {
        const node = modelNode();
        const all = [{ letter: 'a', rollback: true, drift: 'correct', touched: null } as const, ...history];
        for (const [index, one] of all.entries()) {
          const targets = names.map((name) => ({
            ...targetOf({ ...one, rollback: true }, index + 1),
            ...{ name, deployment: `d${index}-${name}` },
          }));
          assert.equal(settle(node, targets).length, names.length);
          const before = node.steps.length;
          assert.equal(node.round({ ...desired(''), stacks: targets }, never), false);
          assert.equal(node.steps.length, before);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('one stack that fails touches no other', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(FAILING)), (letter) => {
      const node = modelNode();
      const others = ['db', 'cache'].map((name) => stack(name, 'a', { deployment: `d-${name}` }));
      settle(node, [stack('web', 'a', { deployment: 'd1', rollback: true }), ...others]);
      const before = node.steps.length;
      const told = settle(node, [stack('web', letter, { deployment: 'd2', rollback: true, revision: 2 }), ...others]);
      assert.equal(told[0]?.outcome, 'rolled-back');
      assert.ok(node.steps.slice(before).every((step) => step.stack === 'web'));
      if (letter !== 'r') assert.deepEqual(told[0]?.failure?.lines, ['last word']);
    }),
  );
});

test('what was given up is tried once more when it is deployed again', () => {
  const node = modelNode();
  const of = (letter: string, number: number) =>
    stack('web', letter, { deployment: `d${number}`, rollback: true, revision: number });
  settle(node, [of('a', 1)]);
  assert.equal(settle(node, [of('x', 2)])[0]?.outcome, 'rolled-back');
  const before = node.steps.length;
  assert.deepEqual(settle(node, [of('x', 2)]), []);
  assert.equal(node.steps.length, before, 'the same deployment is over');
  assert.equal(settle(node, [of('x', 3)])[0]?.outcome, 'rolled-back');
  assert.deepEqual(
    node.steps.slice(before).map((step) => step.kind !== 'down' && step.target.hash[0]),
    ['x', 'a'],
  );
});
