// A deployment as it stands, made whole by what the scheduler had not put down yet: no line twice, none missing, whatever
// part of the events it knew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { completed, type ToldStep } from '#services/gateway/live/deployment-snapshot.ts';
import type { Deployment, DeploymentStep } from '#subjects/schema/deployment.ts';
import type { NodeEventBody } from '#subjects/schema/node-event.ts';

const NODE = 'n'.repeat(26);
const about = { stack: 'web', revision: 1, deployment: 'd'.repeat(26) };
const at = (second: number) => new Date(Date.UTC(2026, 10, 23, 20, 0, second)).toISOString();

type Step = ToldStep['body'];
const told = (body: object, second: number): ToldStep => ({
  ...{ node: NODE, at: at(second) },
  body: { ...about, ...body } as Extract<NodeEventBody, Step>,
});
const started = (step: string, second: number) => told({ type: 'stack.step.started', step, why: 'new' }, second);
const output = (step: string, second: number, lines: string[]) =>
  told({ type: 'stack.step.output', step, lines }, second);
const finished = (step: string, second: number) =>
  told({ type: 'stack.step.finished', step, outcome: 'ok', reason: null, exitCode: 0, durationMs: 1 }, second);

function deploymentOf(steps: DeploymentStep[], finishedAt: string | null = null): Deployment {
  const target = {
    ...{ node: NODE, nodeName: 'nas', state: 'progressing' as const, reason: null, parked: false, finishedAt },
    ...{ batch: 1, failure: null, steps },
  };
  return {
    ...{ id: about.deployment, stack: 'web', kind: 'apply', revision: 1, state: 'progressing', reason: null },
    ...{ createdAt: at(0), createdBy: 'admin', awaitsApproval: false, finishedAt: null, targets: [target] },
  } as Deployment;
}

const stepsOf = (deployment: Deployment) => deployment.targets[0]?.steps ?? [];
const from = (known: DeploymentStep[], events: ToldStep[]) => stepsOf(completed(deploymentOf(known), events));

/** What the scheduler makes of the first events. */
function put(events: readonly ToldStep[]): DeploymentStep[] {
  return from([], [...events]);
}

test('from nothing: steps in order, each try for itself', () => {
  const steps = put([
    ...[started('pull', 1), output('pull', 2, ['a', 'b']), finished('pull', 3)],
    ...[started('up', 4), finished('up', 5), started('up', 6), output('up', 7, ['c'])],
  ]);
  assert.deepEqual(
    steps.map(({ step, output: lines, outcome }) => [step, lines, outcome]),
    [
      ['pull', ['a', 'b'], 'ok'],
      ['up', [], 'ok'],
      ['up', ['c'], null],
    ],
  );
});

test('whatever the scheduler knew and wherever the events begin, the whole is the same', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'Pulling'), { maxLength: 3 });
  const tries = fc.array(
    fc.record({ step: fc.constantFrom('pull', 'up'), outputs: fc.array(lines, { maxLength: 4 }) }),
    {
      maxLength: 5,
    },
  );
  fc.assert(
    fc.property(tries, fc.nat(), (made, cut) => {
      let second = 0;
      let number = 0;
      const next = () => {
        second += 1;
        return second;
      };
      const events = made.flatMap(({ step, outputs }) => [
        started(step, next()),
        ...outputs.map((some) => {
          // Lines of their own: what is told twice with the same words can't be told apart, and needs not to be.
          const own = some.map((line) => {
            number += 1;
            return `${line} ${number}`;
          });
          return output(step, next(), own);
        }),
        finished(step, next()),
      ]);
      const whole = put(events);
      for (let known = 0; known <= events.length; known += 1) {
        const begin = Math.min(cut % (events.length + 1), known);
        assert.deepEqual(
          from(put(events.slice(0, known)), events.slice(begin)),
          whole,
          `${known} known, from ${begin}`,
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('a step whose output was cut stays cut, and what came after the outcome is no part of it', () => {
  const cut = { ...put([started('up', 1)])[0], output: ['a', '(3 more lines were not kept)'] } as DeploymentStep;
  assert.deepEqual(from([cut], [output('up', 2, ['b'])])[0]?.output, cut.output);
  const over = deploymentOf([], at(10));
  assert.deepEqual(stepsOf(completed(over, [started('up', 11)])), []);
  assert.equal(stepsOf(completed(over, [started('up', 10)])).length, 1);
});
