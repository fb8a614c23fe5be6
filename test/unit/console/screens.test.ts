// What the console's screens compute from what the core answers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faultLine } from '#clients/console/api/problem.ts';
import type { Node, Stack } from '#clients/console/api/shapes.ts';
import { newcomer } from '#clients/console/nodes/newcomer.ts';
import { hasSkew, nodeRows, nodeState, usualVersion } from '#clients/console/nodes/node-row.ts';
import { countBehind, stackState, targetsText } from '#clients/console/stacks/stack-state.ts';
import { Problem } from '#clients/sdk/problem.ts';

const node = (of: Partial<Node>) =>
  ({ id: 'n1', name: 'nas', labels: {}, liveness: 'online', clockOffsetMs: 0, ...of }) as Node;
const stack = (...phases: Stack['nodes'][number]['phase'][]) =>
  ({
    revision: 2,
    nodes: phases.map((phase, at) => ({ node: `n${at}`, phase, revision: at === 0 ? 1 : 2, reason: null })),
  }) as Stack;

describe('nodes', () => {
  test('stacks are counted for each node by phase', () => {
    const [row] = nodeRows([node({ id: 'n0' })], [stack('failed', 'running'), stack('running')]);
    assert.deepEqual([row?.stacks, row?.phases], [2, { failed: 1, running: 1 }]);
  });

  test('what matters more than being online is said instead', () => {
    assert.equal(nodeState(node({ drained: true, paused: true })), 'drained');
    assert.equal(nodeState(node({ liveness: 'offline', drained: true })), 'offline');
  });

  test('a clock that is off by more than two seconds is worth a word', () => {
    assert.deepEqual(
      [null, 1999, -2001].map((clockOffsetMs) => hasSkew(node({ clockOffsetMs }))),
      [false, false, true],
    );
  });

  test('the usual version is the one most run', () => {
    const versions = ['1', '2', '2', null].map((agentVersion) => node({ agentVersion }));
    assert.equal(usualVersion(versions), '2');
    assert.equal(usualVersion([]), null);
  });

  test('a newcomer is a node that was not there, with the name and labels that were asked for', () => {
    const expected = { known: new Set(['old']), name: 'nas', labels: { env: 'prod' } };
    const right = node({ id: 'new', labels: { env: 'prod', more: 'x' } });
    assert.equal(newcomer([node({ id: 'old', labels: { env: 'prod' } }), node({ id: 'x' }), right], expected), right);
    assert.equal(newcomer([node({ id: 'new2', name: 'other', labels: { env: 'prod' } })], expected), null);
  });
});

describe('stacks', () => {
  test('the worst phase of any node is the state', () => {
    assert.equal(stackState(stack('running', 'degraded')), 'degraded');
    assert.equal(stackState(stack('failed', 'applying')), 'failed');
    assert.equal(stackState(stack()), 'pending');
    assert.equal(countBehind(stack('running', 'running')), 1);
  });

  test('targets in words', () => {
    assert.equal(targetsText({ selector: { env: 'prod', gpu: '' } }, String), 'env=prod, gpu');
    assert.equal(targetsText({ selector: {} }, String), 'every node');
    assert.equal(targetsText({ nodes: [] }, String), 'no node');
  });
});

test('the line of a malformed text is read from its problem', () => {
  const line = (value: unknown) => faultLine(new Problem({ title: 'T', line: value }, 422));
  assert.deepEqual([line(3), line('3'), line(0), line(undefined)], [3, null, null, null]);
});
