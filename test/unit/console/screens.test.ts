// What the console's screens compute from what the core answers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faultLine, issuesOf, problemFrom } from '#clients/console/api/problem.ts';
import type { Node, Stack, StackSpec } from '#clients/console/api/shapes.ts';
import { newcomer } from '#clients/console/nodes/newcomer.ts';
import { hasSkew, nodeRows, nodeState, usualVersion } from '#clients/console/nodes/node-row.ts';
import { draftOf, EMPTY_DRAFT, specOf } from '#clients/console/stacks/draft.ts';
import { countBehind, stackState, targetsText } from '#clients/console/stacks/stack-state.ts';

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

  test('what the form does not show stays as it was', () => {
    const spec: StackSpec = {
      compose: 'a',
      files: { 'x.conf': '1' },
      env: { A: '1' },
      targets: { nodes: ['n1'], selector: { env: 'prod' } },
      strategy: { stabilitySeconds: 3 },
      state: 'stopped',
    };
    assert.deepEqual(specOf(draftOf(spec), spec), spec);
    const { env: _, ...rest } = spec;
    assert.deepEqual(specOf({ ...draftOf(spec), environment: '' }, spec), rest);
  });

  test('a new stack has what was written and no more', () => {
    assert.deepEqual(specOf({ ...EMPTY_DRAFT, compose: 'a', nodes: ['n1'] }, null), {
      compose: 'a',
      targets: { nodes: ['n1'] },
    });
  });
});

describe('problems', () => {
  test('a document is read, with its line and issues', () => {
    const issues = [{ path: 'name', message: 'too long' }, 7];
    const problem = problemFrom(422, { title: 'T', detail: 'D', code: 'c', traceId: 't', line: 3, issues }, null);
    assert.deepEqual([problem.title, problem.message, problem.code, problem.traceId], ['T', 'D', 'c', 't']);
    assert.equal(faultLine(problem), 3);
    assert.deepEqual(issuesOf(problem), [{ path: 'name', message: 'too long' }]);
  });

  test("an answer that is no document is told by its status and the request's id", () => {
    const problem = problemFrom(502, null, 'r1');
    assert.deepEqual([problem.title, problem.code, problem.traceId], ['The core answered 502', 'unknown', 'r1']);
    assert.equal(faultLine(problem), null);
  });
});
