// A deployment folded from its stream, its nodes in batches, and what came of it in words.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Deployment, DeploymentTarget } from '#clients/console/api/shapes.ts';
import { stackAskedFor, withThoseOf } from '#clients/console/deployments/deployment-list.ts';
import { followed, isAfter, joined, NOTHING_YET, type Told } from '#clients/console/deployments/live-steps.ts';
import { resultOf } from '#clients/console/deployments/result.ts';
import { batchesOf, countsOf, nextBatch, openAtFirst, targetWords } from '#clients/console/deployments/target-words.ts';
import { lastGood } from '#clients/console/stacks/revision-words.ts';

const target = (of: Partial<DeploymentTarget>): DeploymentTarget => ({
  node: 'n1',
  nodeName: 'nas-1',
  state: 'pending',
  reason: null,
  parked: false,
  finishedAt: null,
  batch: 1,
  failure: null,
  steps: [],
  ...of,
});
const deployment = (targets: DeploymentTarget[], of: Partial<Deployment> = {}): Deployment => ({
  id: 'd1',
  stack: 'web',
  kind: 'apply',
  revision: 2,
  state: 'progressing',
  reason: null,
  createdAt: '2026-11-23T10:00:00Z',
  createdBy: 'admin',
  awaitsApproval: false,
  finishedAt: null,
  targets,
  ...of,
});
const told = (event: string, data: object): Told => ({ event, data: JSON.stringify(data) });
const step = (event: string, sequence: number, of: object, node = 'n1') =>
  told(event, { node, nodesequence: `e:${sequence}`, at: '2026-11-23T10:00:01Z', step: 'up', ...of });
const begun = [told('deployment', deployment([target({}), target({ node: 'n2', nodeName: 'nas-2' })]))];
const outputOf = (news: readonly Told[], node = 0) =>
  followed(NOTHING_YET, news).deployment?.targets[node]?.steps.map(({ output }) => output);

describe('a deployment from its stream', () => {
  test('lines come under their step, in their order, each node its own', () => {
    const news = [
      ...begun,
      step('step-started', 1, { why: 'new' }),
      step('step-output', 2, { lines: ['a', 'b'] }),
      step('step-output', 1, { lines: ['other'] }, 'n2'),
      step('step-output', 3, { lines: ['c'] }),
    ];
    assert.deepEqual(outputOf(news), [['a', 'b', 'c']]);
    assert.deepEqual(outputOf(news, 1), [['other']]);
    assert.equal(followed(NOTHING_YET, news).deployment?.targets[0]?.state, 'progressing');
  });

  test('what was told once counts once, whatever is told again', () => {
    const line = fc.record({ sequence: fc.integer({ min: 1, max: 30 }), again: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const ordered = lines.toSorted((a, b) => a.sequence - b.sequence);
        const news = ordered.flatMap(({ sequence, again }) =>
          Array.from({ length: again }, () => step('step-output', sequence, { lines: [`line ${sequence}`] })),
        );
        const wanted = [...new Set(ordered.map(({ sequence }) => `line ${sequence}`))];
        assert.deepEqual(outputOf([...begun, ...news])?.flat() ?? [], wanted);
      }),
    );
  });

  test('a step of the same name that comes again is another step', () => {
    const news = [
      ...begun,
      step('step-started', 1, { why: 'first' }),
      step('step-finished', 2, { outcome: 'failed', reason: 'no', exitCode: 1 }),
      step('step-started', 3, { why: 'second' }),
      step('step-output', 4, { lines: ['x'] }),
    ];
    const steps = followed(NOTHING_YET, news).deployment?.targets[0]?.steps;
    assert.deepEqual(
      steps?.map(({ why, outcome, exitCode, output }) => [why, outcome, exitCode, output]),
      [
        ['first', 'failed', 1, []],
        ['second', null, null, ['x']],
      ],
    );
  });

  test('a new epoch of a node is a new order', () => {
    assert.equal(isAfter('e:4', 'e:4'), false);
    assert.equal(isAfter('e:5', 'e:4'), true);
    assert.equal(isAfter('f:1', 'e:4'), true);
    assert.equal(isAfter('e:1', undefined), true);
  });

  test('an outcome settles its node, with the failure and the state of the whole', () => {
    const failure = { service: 'web', container: 'web-1', exitCode: 137, lines: ['killed'] };
    const news = told('target', {
      node: 'n2',
      at: '2026-11-23T10:00:09Z',
      state: 'rolled-back',
      reason: 'web ended',
      failure,
      deployment: { state: 'failed', reason: 'nas-2: web ended' },
    });
    const { deployment: after, isOver } = followed(NOTHING_YET, [...begun, news, told('end', {})]);
    assert.equal(isOver, true);
    assert.deepEqual([after?.state, after?.reason], ['failed', 'nas-2: web ended']);
    assert.deepEqual(
      [after?.targets[1]?.state, after?.targets[1]?.finishedAt, after?.targets[1]?.failure],
      ['rolled-back', '2026-11-23T10:00:09Z', failure],
    );
    assert.equal(after?.targets[0]?.state, 'pending');
  });

  test('what it waited for is forgotten when it has come', () => {
    const state = (reason: string | null) => told('state', { at: 'x', state: 'progressing', reason });
    const waits = followed(NOTHING_YET, [...begun, state('waits for stack db')]);
    assert.equal(waits.deployment?.reason, 'waits for stack db');
    assert.equal(followed(waits, [state(null)]).deployment?.reason, null);
  });

  test('nonsense changes nothing', () => {
    const before = followed(NOTHING_YET, begun);
    fc.assert(
      fc.property(fc.constantFrom('step-output', 'target', 'state', 'x', 'message'), fc.string(), (event, data) => {
        assert.deepEqual(followed(before, [{ event, data }]).deployment?.targets, before.deployment?.targets);
      }),
    );
    assert.equal(followed(NOTHING_YET, [step('step-output', 1, { lines: ['early'] })]).deployment, null);
  });

  test('beside an answer, the stream is ahead in what was done, the answer in batches and approvals', () => {
    const steps = (...output: string[]) => [
      { step: 'up', why: '', startedAt: 'x', finishedAt: null, outcome: null, reason: null, exitCode: null, output },
    ];
    const live = deployment([
      target({ state: 'progressing', steps: steps('a', 'b') }),
      target({ node: 'n2', state: 'succeeded', finishedAt: 'y' }),
      target({ node: 'n3', state: 'held', batch: 2 }),
    ]);
    const answer = deployment(
      [
        target({ state: 'pending', steps: steps('a') }),
        target({ node: 'n2', state: 'progressing' }),
        target({ node: 'n3', state: 'pending', batch: 2, parked: true }),
      ],
      { awaitsApproval: true },
    );
    const both = joined(live, answer);
    assert.equal(both?.awaitsApproval, true);
    assert.deepEqual(
      both?.targets.map(({ state, parked, steps: own }) => [state, parked, own[0]?.output]),
      [
        ['progressing', false, ['a', 'b']],
        ['succeeded', false, undefined],
        ['pending', true, undefined],
      ],
    );
    assert.equal(joined(null, answer), answer);
    assert.equal(joined(live, undefined), live);
    const over = { ...live, finishedAt: 'z' };
    assert.equal(joined(over, answer), over);
  });
});

describe('the nodes of a deployment', () => {
  const targets = [
    target({ node: 'a', nodeName: 'nas-10', state: 'succeeded' }),
    target({ node: 'b', nodeName: 'nas-2', state: 'pending', parked: true }),
    target({ node: 'c', nodeName: 'nas-3', state: 'held', batch: 3 }),
    target({ node: 'd', nodeName: 'nas-4', state: 'rolled-back', batch: 2 }),
  ];

  test('parked and held are told with what they wait for', () => {
    assert.deepEqual(targets.map(targetWords), [
      'succeeded',
      'parked: runs on reconnect',
      'held for batch 3',
      'rolled back',
    ]);
  });

  test('batches are in order, their nodes by name', () => {
    assert.deepEqual(
      batchesOf(targets).map(({ number, targets: own }) => [number, own.map(({ nodeName }) => nodeName)]),
      [
        [1, ['nas-2', 'nas-10']],
        [2, ['nas-4']],
        [3, ['nas-3']],
      ],
    );
    assert.equal(nextBatch(deployment(targets)), 3);
    assert.equal(nextBatch(deployment([])), null);
  });

  test('the worst is counted first and open at first', () => {
    assert.equal(countsOf(targets)[0]?.state, 'rolled-back');
    assert.equal(openAtFirst(targets), 'd');
    assert.equal(openAtFirst([]), null);
  });
});

describe('what came of it', () => {
  const words = (state: Deployment['state'], ...states: DeploymentTarget['state'][]) =>
    resultOf(
      deployment(
        states.map((each) => target({ state: each })),
        { state, finishedAt: 'x' },
      ),
    ).words;

  test('is a sentence for each way to end', () => {
    assert.equal(words('succeeded', 'succeeded', 'succeeded'), 'Running on 2 nodes.');
    assert.equal(
      words('failed', 'failed', 'rolled-back', 'held', 'held'),
      'Failed on 1 of 4 nodes, rolled back on 1. 2 nodes were not reached and kept what they ran.',
    );
    assert.equal(words('rolled-back', 'rolled-back'), 'Rolled back on 1 of 1 node: the last good revision runs again.');
    assert.equal(words('progressing', 'progressing'), '');
  });

  test('while it goes on it is said what it waits for; what an operator is asked is said elsewhere', () => {
    const running = (of: Partial<Deployment>) => resultOf(deployment([target({})], of)).words;
    assert.equal(running({ reason: 'batch 2 of 4' }), 'Under way');
    assert.equal(running({ reason: 'waits for stack db', state: 'pending' }), 'Not begun yet');
    assert.equal(running({ reason: 'batch 2 of 4 awaits approval', awaitsApproval: true }), '');
  });

  test('the revision to go back to is the newest good one before it', () => {
    const of = (revision: number, state: Deployment['state'], kind: Deployment['kind'] = 'apply') =>
      deployment([], { revision, state, kind });
    const all = [of(5, 'succeeded'), of(4, 'rolled-back'), of(3, 'succeeded'), of(4, 'succeeded', 'restart')];
    assert.equal(lastGood(all, 5), 3);
    assert.equal(lastGood(all, 3), null);
  });
});

describe('the list of deployments', () => {
  test('those of a stack are asked for when a filter names it whole', () => {
    const known = ['web', 'web2'];
    assert.equal(stackAskedFor('stack:web state:failed', known), 'web');
    for (const filter of ['', 'web', 'stack:we', '-stack:web', 'stack:web stack:web2'])
      assert.equal(stackAskedFor(filter, known), null, filter);
  });

  test('each is there once', () => {
    const of = (id: string) => deployment([], { id });
    const ids = withThoseOf([of('b'), of('a')], [of('a'), of('0')]).map(({ id }) => id);
    assert.deepEqual(ids, ['b', 'a', '0']);
  });
});
