// What facts do to what the console holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projects } from '#clients/console/api/queries.ts';
import type { Fact, Node } from '#clients/console/api/shapes.ts';
import { staleKeys, withFacts, withLiveness } from '#clients/console/live/affected.ts';

const fact = (type: string, subject: string, data: Fact['data'] = {}, time = '2026-11-23T10:00:00Z') =>
  ({ id: `${type} ${subject} ${time}`, type, subject, data, time }) as Fact;
const node = { id: 'n1', liveness: 'online', livenessSince: '2026-11-23T09:00:00Z' } as Node;

test('a step makes nothing stale: its deployment tells it on a stream of its own', () => {
  const step = fact('dev.overseer.node.step-output.v1', 'nodes/n1', { deployment: 'd1', stack: 'web' });
  assert.deepEqual(staleKeys([step, step]), []);
});

test('a settled stack makes node, deployment, stack and lists stale, each once', () => {
  const settled = fact('dev.overseer.node.stack-settled.v1', 'nodes/n1', { deployment: 'd1', stack: 'web' });
  assert.deepEqual(staleKeys([settled, settled]), [
    ['nodes'],
    ['node', 'n1'],
    ['deployment', 'd1'],
    ['stacks'],
    ['stack', 'web'],
  ]);
});

test('no fact of a node has it read its Compose projects again', () => {
  const facts = ['updated', 'online', 'container-changed', 'stack-settled', 'stack-drifted'].map((name) =>
    fact(`dev.overseer.node.${name}.v1`, 'nodes/n1', { stack: 'web', deployment: 'd1' }),
  );
  const { queryKey } = projects('n1');
  const under = (key: readonly unknown[]) => key.every((part, at) => part === queryKey[at]);
  assert.deepEqual(staleKeys(facts).filter(under), []);
});

test('a fact of a kind that is not known makes nothing stale', () => {
  assert.deepEqual(staleKeys([fact('com.example.other', 'things/1')]), []);
});

test('liveness follows its facts, newest last, never back in time, never from another node', () => {
  const offline = fact('dev.overseer.node.offline.v1', 'nodes/n1');
  assert.equal(withLiveness(node, [offline]).liveness, 'offline');
  assert.equal(withLiveness(node, [fact('dev.overseer.node.offline.v1', 'nodes/n2')]), node);
  assert.equal(
    withLiveness(node, [fact('dev.overseer.node.offline.v1', 'nodes/n1', {}, '2026-11-23T08:00:00Z')]),
    node,
  );
});

test('facts come newest first, each once, and not without end', () => {
  const [a, b, c] = ['1', '2', '3'].map((time) => fact('t', 's', {}, time)) as [Fact, Fact, Fact];
  assert.deepEqual(withFacts([a], [a, b, c], 2), [c, b]);
});
