// Rollouts over nodes: batches, gates and pauses. The tests play the nodes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { OverseerError } from '#subjects/errors.ts';
import type { Node } from '#subjects/schema/node.ts';
import { type Core, operator, startCore } from './core.ts';
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

describe('batches', () => {
  test('one node first, then a batch; the next only when this one is well', async () => {
    const { nodes, name, put, versionOn, first } = await fleetOf(4);
    await first();
    const issued = async () =>
      (await core.database
        .em()
        .execute(`select parameters->>'node' as node from outbox where kind = 'state' order by id`)) as {
        node: string;
      }[];
    const before = (await issued()).length;
    const { deployment } = await put('2', { batch: 2 });
    const canary = await deploymentWith(deployment, 'the canary', (seen) => states(seen) === 'pending held held held');
    assert.equal(canary.reason, 'batch 1 of 3');
    assert.deepEqual(
      canary.targets.toSorted((a, b) => (a.node < b.node ? -1 : 1)).map(({ batch }) => batch),
      [1, 2, 2, 3],
    );
    await core.documentWith(nodeAt(nodes, 0), 'the new one', ({ stacks }) => stacks[0]?.env['V'] === '2');
    assert.equal(await versionOn(nodeAt(nodes, 1)), '1');
    await settled(nodeAt(nodes, 0), name, deployment);
    await deploymentWith(deployment, 'the second batch', (seen) => states(seen) === 'ok pending pending held');
    await settled(nodeAt(nodes, 1), name, deployment);
    await deploymentWith(deployment, 'one more', (seen) => states(seen) === 'ok ok pending held');
    assert.equal(await versionOn(nodeAt(nodes, 3)), '1', 'the batch is not over');
    await settled(nodeAt(nodes, 2), name, deployment);
    await deploymentWith(deployment, 'the last batch', (seen) => states(seen) === 'ok ok ok pending');
    await settled(nodeAt(nodes, 3), name, deployment);
    const done = await deploymentWith(deployment, 'the end', ({ state }) => state === 'succeeded');
    assert.equal(done.reason, null);
    assert.deepEqual(
      (await issued()).slice(before).map(({ node }) => node),
      nodes.map(({ id }) => id),
      'two schedulers let nobody go twice: one document each, in order',
    );
  });

  test('a failed canary: nobody else gets it, now or later, until something new is put', async () => {
    const { nodes, name, put, versionOn, first, label } = await fleetOf(3);
    await first();
    const { deployment } = await put('bad', { batch: '50%' });
    await deploymentWith(deployment, 'the canary', (seen) => states(seen) === 'pending held held');
    await settled(nodeAt(nodes, 0), name, deployment, 'rolled-back');
    const over = await deploymentWith(deployment, 'the end', ({ finishedAt }) => finishedAt !== null);
    assert.equal(over.state, 'rolled-back');
    assert.equal(over.reason, 'stopped after batch 1 of 2: 1 node rolled back: exited 7');
    assert.equal(states(over), 'rolled-back held held');
    const [canary, other] = over.targets.toSorted((a, b) => (a.node < b.node ? -1 : 1));
    assert.equal(canary?.failure?.exitCode, 7);
    assert.match(other?.reason ?? '', /^stopped after batch 1/);

    const late = await core.enroll(`${label}-late`, { labels: { fleet: label } });
    const changed = { ...nodeAt(nodes, 1), heartbeatSeconds: 11 };
    core.nodes.set(changed.id, changed);
    await core.tell('updated', changed);
    await core.documentWith(changed, 'its settings', ({ config }) => config.heartbeatSeconds === 11);
    await core.startScheduler(false);
    await core.handled();
    assert.equal(await versionOn(nodeAt(nodes, 1)), '1', 'a new document, the old revision');
    assert.equal(await versionOn(nodeAt(nodes, 2)), '1');
    assert.equal(await versionOn(late), null, 'a node that comes now gets nothing that failed');

    const fixed = await put('3');
    for (const node of [...nodes, late]) {
      await core.documentWith(node, 'the fixed one', ({ stacks }) => stacks[0]?.env['V'] === '3');
      await settled(node, name, fixed.deployment);
    }
    await deploymentWith(fixed.deployment, 'the fixed one', ({ state }) => state === 'succeeded');
    const before = await core.ask('getDeployment', { id: deployment ?? '' });
    assert.equal(states(before).includes('held'), false, 'nothing is held back for what is past');
  });

  test('putting what failed once more tries it again, from the canary on', async () => {
    const { nodes, name, put, first } = await fleetOf(2);
    await first();
    const bad = await put('again', { batch: 1 });
    await settled(nodeAt(nodes, 0), name, bad.deployment, 'failed');
    await deploymentWith(bad.deployment, 'the failure', ({ state }) => state === 'failed');
    const again = await put('again', { batch: 1 });
    assert.deepEqual([again.changed, again.revision], [true, bad.revision]);
    await deploymentWith(again.deployment, 'the canary', (seen) => states(seen) === 'pending held');
    for (const node of nodes) {
      await deploymentWith(again.deployment, 'its turn', ({ targets }) =>
        targets.some((target) => target.node === node.id && target.state === 'pending'),
      );
      await settled(node, name, again.deployment);
    }
    await deploymentWith(again.deployment, 'the end', ({ state }) => state === 'succeeded');
    assert.equal((await put('again', { batch: 1 })).changed, false);
  });

  test('dead nodes block nobody, count nowhere, and get it when they are back, in batches as everybody does', async () => {
    const { nodes, name, put, versionOn } = await fleetOf(4, [0, 1]);
    const { deployment } = await put('1', { batch: 1 });
    const online = nodes.filter(({ liveness }) => liveness === 'online');
    const away = nodes.filter(({ liveness }) => liveness === 'offline');
    const [one, two] = [nodeAt(online, 0), nodeAt(online, 1)];
    const isPending = (node: Node) => (seen: fleet.Deployment) =>
      seen.targets.find((target) => target.node === node.id)?.state === 'pending';
    await deploymentWith(deployment, 'the canary', isPending(one));
    await settled(one, name, deployment);
    await deploymentWith(deployment, 'the next', isPending(two));
    assert.equal(await versionOn(nodeAt(away, 0)), null);
    await core.tell('offline', two, {});
    const waiting = await deploymentWith(
      deployment,
      'the wait',
      ({ reason }) => reason === 'waiting for 2 nodes that are offline',
    );
    assert.equal(waiting.state, 'progressing');
    assert.deepEqual(
      waiting.targets
        .filter(({ parked }) => parked)
        .map(({ node }) => node)
        .sort(),
      away.map(({ id }) => id).sort(),
    );
    for (const node of away) await core.tell('online', node, {});
    for (const [index, node] of away.entries()) {
      await deploymentWith(deployment, 'its turn', isPending(node));
      const next = away[index + 1];
      if (next) assert.equal(await versionOn(next), null, 'one at a time');
      await settled(node, name, deployment);
    }
    await core.tell('online', two, {});
    await core.documentWith(two, 'it', ({ stacks }) => stacks.length === 1);
    await settled(two, name, deployment);
    await deploymentWith(deployment, 'the end', ({ state }) => state === 'succeeded');
  });

  test('failures that are allowed stop nothing, and are told at the end', async () => {
    const { nodes, name, put } = await fleetOf(3);
    const { deployment } = await put('1', { batch: 1, maxUnavailable: 2 });
    await deploymentWith(deployment, 'the canary', (seen) => states(seen) === 'pending held held');
    await settled(nodeAt(nodes, 0), name, deployment, 'failed');
    await deploymentWith(deployment, 'the next', (seen) => states(seen) === 'failed pending held');
    await settled(nodeAt(nodes, 1), name, deployment);
    await deploymentWith(deployment, 'the last', (seen) => states(seen) === 'failed ok pending');
    await settled(nodeAt(nodes, 2), name, deployment);
    const done = await deploymentWith(deployment, 'the end', ({ finishedAt }) => finishedAt !== null);
    assert.deepEqual([done.state, done.reason], ['failed', 'failed on 1 of 3 nodes: exited 7']);
  });
});

describe('between batches', () => {
  test('a pause', async () => {
    const { nodes, name, put } = await fleetOf(2);
    const { deployment } = await put('1', { batch: 1, pauseSeconds: 3 });
    await deploymentWith(deployment, 'the canary', (seen) => states(seen) === 'pending held');
    await settled(nodeAt(nodes, 0), name, deployment);
    await deploymentWith(deployment, 'the pause', ({ reason }) => reason === 'pauses before batch 2 of 2');
    const next = await deploymentWith(deployment, 'the next', (seen) => states(seen) === 'ok pending');
    const settledAt = next.targets.find(({ state }) => state === 'succeeded')?.finishedAt ?? '';
    assert.ok(Date.now() - Date.parse(settledAt) >= 3000);
    await settled(nodeAt(nodes, 1), name, deployment);
    await deploymentWith(deployment, 'the end', ({ state }) => state === 'succeeded');
  });

  test('an operator: the next one goes, then none any more; what is over can not be decided', async () => {
    const { nodes, name, put, versionOn } = await fleetOf(4);
    const { deployment } = await put('1', { batch: 1, gate: 'manual' });
    const id = deployment ?? '';
    await deploymentWith(id, 'the canary', (seen) => states(seen) === 'pending held held held');
    await settled(nodeAt(nodes, 0), name, id);
    const waiting = await deploymentWith(id, 'the gate', ({ awaitsApproval }) => awaitsApproval);
    assert.equal(waiting.reason, 'batch 2 of 4 awaits approval');
    const listed = await core.ask('listDeployments', { stack: name });
    assert.equal(listed.items[0]?.awaitsApproval, true);
    await core.ask('decideDeployment', { by: operator(), id, decision: 'continue' });
    const going = await deploymentWith(id, 'the second', (seen) => states(seen) === 'ok pending held held');
    assert.equal(going.awaitsApproval, false);
    await settled(nodeAt(nodes, 1), name, id);
    await deploymentWith(id, 'the gate again', ({ awaitsApproval }) => awaitsApproval);
    await core.ask('decideDeployment', { by: operator(), id, decision: 'cancel' });
    const over = await deploymentWith(id, 'the end', ({ finishedAt }) => finishedAt !== null);
    assert.deepEqual([over.state, over.reason], ['failed', 'stopped after batch 2 of 4: an operator cancelled it']);
    assert.equal(await versionOn(nodeAt(nodes, 2)), null);
    const isConflict = (error: OverseerError) => error.code === 'conflict';
    await assert.rejects(core.ask('decideDeployment', { by: operator(), id, decision: 'continue' }), isConflict);
    const audited = await core.database
      .em()
      .execute(`select body->>'action' as action from outbox where body->>'object' = ? order by id`, [
        `deployments/${id}`,
      ]);
    assert.deepEqual(
      audited.map((row) => (row as { action: string }).action),
      ['deployment.continue', 'deployment.cancel'],
    );
  });
});
