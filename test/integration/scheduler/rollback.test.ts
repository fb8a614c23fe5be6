// Order across stacks, what became of a rollout, and going back by hand. The tests play the nodes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { OverseerError } from '#subjects/errors.ts';
import type { Node } from '#subjects/schema/node.ts';
import { until } from '#test/harness/until.ts';
import { COMPOSE, type Core, operator, SOON_MS, startCore } from './core.ts';
import * as fleet from './fleet.ts';
import { nodeAt, states } from './fleet.ts';

let core: Core;
before(async () => {
  core = await startCore();
  // Two, so that every promise here holds while both decide.
  await core.startScheduler(false);
  await core.startScheduler(false);
});
after(() => core?.stop());
const fleetOf = (count: number, away: readonly number[] = []) => fleet.fleetOf(core, count, away);
const deploymentWith = (id: string | null, what: string, isIt: (deployment: fleet.Deployment) => boolean) =>
  fleet.deploymentWith(core, id, what, isIt);
const settled = (node: Node, stack: string, id: string | null, outcome?: 'failed' | 'rolled-back') =>
  fleet.settled(core, node, stack, id, outcome);

describe('order across stacks', () => {
  test('a stack waits until what it needs runs; a circle is refused, a stranger waited for', async () => {
    const [node] = (await fleetOf(1)).nodes;
    assert.ok(node);
    const targets = { nodes: [node.id] };
    const answer = await core.put('app', { targets, dependsOn: ['db'] });
    assert.match(answer.warnings[0] ?? '', /no stack db/);
    const held = await deploymentWith(answer.deployment, 'the wait', ({ reason }) => reason !== null);
    assert.deepEqual([held.reason, held.state, states(held)], ['waits for stack db', 'pending', 'held']);
    await assert.rejects(core.put('db', { targets, dependsOn: ['app'] }), (error: OverseerError) => {
      assert.equal(error.code, 'invalid-input');
      assert.match(error.message, /db -> app -> db/);
      return true;
    });
    const db = await core.put('db', { targets });
    const document = await core.documentWith(node, 'db', ({ stacks }) => stacks.length === 1);
    await settled(node, 'db', db.deployment);
    await deploymentWith(db.deployment, 'db', ({ state }) => state === 'succeeded');
    const hash = document.stacks[0]?.hash ?? null;
    await core.report(node, document.generation, [{ name: 'db', hash, phase: 'degraded' }]);
    await until(
      async () => (await core.ask('getStack', { name: 'db' })).nodes[0]?.phase === 'degraded',
      SOON_MS,
      'the report',
    );
    assert.equal(states(await core.ask('getDeployment', { id: answer.deployment ?? '' })), 'held');
    await core.report(node, document.generation, [{ name: 'db', hash, phase: 'running' }]);
    await deploymentWith(answer.deployment, 'its turn', (seen) => states(seen) === 'pending');
    await settled(node, 'app', answer.deployment);
    await deploymentWith(answer.deployment, 'the end', ({ state }) => state === 'succeeded');
    await core.remove('db');
    const removal = await core.remove('app');
    await core.documentWith(node, 'both gone', ({ removed }) => removed.length === 2);
    assert.ok(removal.deployment);
  });
});

describe('what became of it', () => {
  test('the outcome that only a report told counts, and what failed is added when it comes', async () => {
    const { nodes, name, put } = await fleetOf(1);
    const node = nodeAt(nodes, 0);
    const { deployment } = await put('1');
    const document = await core.documentWith(node, 'it', ({ stacks }) => stacks.length === 1);
    const outcome = { deployment: deployment ?? '', outcome: 'rolled-back' as const, reason: 'exited 7' };
    await core.report(node, document.generation, [{ name, hash: null, phase: 'rolled-back', settled: outcome }]);
    const told = await deploymentWith(deployment, 'the outcome', ({ state }) => state === 'rolled-back');
    assert.equal(told.reason, 'rolled back on 1 of 1 nodes: exited 7');
    assert.equal(told.targets[0]?.failure, null);
    await settled(node, name, deployment, 'rolled-back');
    await deploymentWith(deployment, 'what failed', ({ targets }) => targets[0]?.failure?.service === 'web');
  });

  test('back to an earlier revision: its content anew, or the last that ran', async () => {
    const { nodes, name, put, first, versionOn } = await fleetOf(1);
    const node = nodeAt(nodes, 0);
    await first();
    const second = await put('2');
    await settled(node, name, second.deployment, 'failed');
    await deploymentWith(second.deployment, 'the failure', ({ state }) => state === 'failed');
    const third = await put('3');
    await settled(node, name, third.deployment, 'failed');
    await deploymentWith(third.deployment, 'the failure', ({ state }) => state === 'failed');
    const back = await core.ask('rollbackStack', { by: operator(), name, revision: null });
    assert.deepEqual([back.revision, back.changed], [4, true]);
    await core.documentWith(node, 'the first again', ({ stacks }) => stacks[0]?.revision === 4);
    assert.equal(await versionOn(node), '1', 'revision 2 never ran');
    const same = await core.ask('rollbackStack', { by: operator(), name, revision: 1 });
    assert.deepEqual([same.revision, same.changed], [4, false]);
    const named = await core.ask('rollbackStack', { by: operator(), name, revision: 3 });
    assert.equal(named.revision, 5);
    const detail = await core.ask('getRevision', { name, revision: 5 });
    assert.deepEqual([detail.compose, detail.env], [COMPOSE, ['V']]);
    const isMissing = (error: OverseerError) => error.code === 'revision-not-found';
    await assert.rejects(core.ask('rollbackStack', { by: operator(), name, revision: 99 }), isMissing);
    await assert.rejects(core.ask('getRevision', { name, revision: 99 }), isMissing);
    await core.put('only', { targets: { nodes: [node.id] } });
    await assert.rejects(core.ask('rollbackStack', { by: operator(), name: 'only', revision: null }), isMissing);
  });
});
