// A stack that is stopped and started while a rollout holds nodes back, or was stopped before it came to them. The tests play
// the nodes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Node } from '#subjects/schema/node.ts';
import { type Core, operator, startCore } from './core.ts';
import * as fleet from './fleet.ts';
import { nodeAt, states } from './fleet.ts';

let core: Core;
before(async () => {
  core = await startCore();
  await core.startScheduler(false);
  await core.startScheduler(false);
});
after(() => core?.stop());

const deploymentWith = (id: string | null, what: string, isIt: (deployment: fleet.Deployment) => boolean) =>
  fleet.deploymentWith(core, id, what, isIt);
const settled = (node: Node, stack: string, id: string | null, outcome?: 'failed' | 'rolled-back') =>
  fleet.settled(core, node, stack, id, outcome);

async function act(name: string, action: 'stop' | 'start', nodes?: readonly Node[]): Promise<string | null> {
  const body = nodes ? { nodes: nodes.map(({ id }) => id) } : {};
  return (await core.ask('actOnStack', { by: operator(), name, action, body })).deployment;
}

/** `1 running`: revision and state in its document. */
async function runs(node: Node, name: string, expected: string) {
  const document = await core.documentWith(node, expected, ({ stacks }) => {
    const stack = stacks.find((one) => one.name === name);
    return `${stack?.revision} ${stack?.state}` === expected;
  });
  const stack = document.stacks.find((one) => one.name === name);
  assert.ok(stack);
  return stack;
}

/** Revision 2 failed on the first of three nodes; the others run revision 1. */
async function withFailedCanary() {
  const made = await fleet.fleetOf(core, 3);
  const { nodes, name, put, first } = made;
  await first();
  const { deployment } = await put('2', { batch: 1 });
  await deploymentWith(deployment, 'the canary', (seen) => states(seen) === 'pending held held');
  await settled(nodeAt(nodes, 0), name, deployment, 'rolled-back');
  await deploymentWith(deployment, 'the end', ({ state }) => state === 'rolled-back');
  return made;
}

describe('after a rollout that was stopped', () => {
  test('stop stops what each node has, start starts it again; the canary alone tries the newest', async () => {
    const { nodes, name } = await withFailedCanary();
    const [canary, ...others] = nodes;
    assert.ok(canary);
    const before = await Promise.all(others.map((node) => runs(node, name, '1 running')));

    const stop = await act(name, 'stop');
    const stopped = await runs(canary, name, '2 stopped');
    for (const node of others) {
      const own = await runs(node, name, '1 stopped');
      assert.notEqual(own.hash, stopped.hash);
      await core.report(node, (await core.document(node))?.generation ?? 0, [
        { name, hash: own.hash, phase: 'stopped' },
      ]);
    }
    await settled(canary, name, stop);
    await deploymentWith(stop, 'the stop everywhere', (seen) => states(seen) === 'ok ok ok');
    await deploymentWith(stop, 'the end', ({ state }) => state === 'succeeded');

    await core.startScheduler(false);
    await core.handled();
    const generations = await Promise.all(others.map(async (node) => (await core.document(node))?.generation));

    const start = await act(name, 'start');
    await runs(canary, name, '2 running');
    for (const [index, node] of others.entries()) {
      const own = await runs(node, name, '1 running');
      assert.equal(own.hash, before[index]?.hash, 'the very same as before');
      assert.equal(own.deployment, null, 'what becomes of it is no outcome of the newest');
      const { generation } = (await core.document(node)) ?? {};
      assert.equal(generation, (generations[index] ?? 0) + 1, 'nothing else came between');
    }
    await settled(canary, name, start, 'failed');
    const over = await deploymentWith(start, 'the end', ({ state }) => state === 'failed');
    assert.equal(states(over), 'failed held held');
    for (const node of others) await runs(node, name, '1 running');
  });

  test('and when the newest is good after all, everybody gets it', async () => {
    const { nodes, name } = await withFailedCanary();
    await act(name, 'stop');
    for (const node of nodes.slice(1)) await runs(node, name, '1 stopped');
    const start = await act(name, 'start');
    for (const node of nodes) {
      await runs(node, name, '2 running');
      await settled(node, name, start);
    }
    await deploymentWith(start, 'the end', ({ state }) => state === 'succeeded');
  });

  test('one node alone', async () => {
    const { nodes, name } = await withFailedCanary();
    const held = nodeAt(nodes, 2);
    await act(name, 'stop', [held]);
    await runs(held, name, '1 stopped');
    await act(name, 'start', [held]);
    await runs(held, name, '1 running');
    await runs(nodeAt(nodes, 1), name, '1 running');
  });

  test('a new revision that is put stopped is what they get: it is no mere stop', async () => {
    const { nodes, name, put } = await withFailedCanary();
    await put('3', { batch: 1 }, { state: 'stopped' });
    for (const node of nodes) await runs(node, name, '3 stopped');
  });
});
