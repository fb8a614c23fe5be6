// Rollouts and nodes that come and go: silent for a moment, offline, paused, or without their engine. The tests play them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Node } from '#subjects/schema/node.ts';
import { until } from '#test/harness/until.ts';
import { type Core, operator, SOON_MS, startCore } from './core.ts';
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
const settled = (node: Node, stack: string, id: string | null) => fleet.settled(core, node, stack, id);

async function changed(node: Node, given: Partial<Node>): Promise<void> {
  const now = { ...node, ...given };
  core.nodes.set(node.id, now);
  await core.tell('updated', now);
}

/** Its engine has not answered for `seconds`; 0: it answers. */
async function engineSilent(node: Node, seconds: number): Promise<void> {
  const since = new Date(Date.now() - seconds * 1000).toISOString();
  const silent = { type: 'docker-unresponsive', status: true, reason: 'the engine does not answer', since } as const;
  await core.report(node, 0, [], seconds === 0 ? [] : [silent]);
  const kept = async () =>
    core.database
      .em()
      .execute(`select 1 from node_reports where node = ? and coalesce(report->'conditions'->0->>'since', '') = ?`, [
        node.id,
        seconds === 0 ? '' : since,
      ]);
  await until(async () => (await kept()).length === 1, SOON_MS, 'its report to be kept');
}

describe('a site that loses its line', () => {
  test('gets nothing past a gate: neither while it is silent, nor offline, nor all at once when it is back', async () => {
    const { nodes, name, put, first, versionOn } = await fleetOf(5);
    await first();
    const { deployment } = await put('2', { batch: 2, gate: 'manual' });
    const id = deployment ?? '';
    const [canary, ...site] = nodes;
    assert.ok(canary);
    await deploymentWith(id, 'the canary', (seen) => states(seen) === 'pending held held held held');
    await settled(canary, name, id);
    await deploymentWith(id, 'the gate', ({ awaitsApproval }) => awaitsApproval);
    for (const liveness of ['suspect', 'offline', 'online'] as const) {
      for (const node of site) await core.tell(liveness, node, {});
      await core.handled();
      // Every scheduler looks once a second at least; a change of its settings has gone through both.
      await changed(canary, { heartbeatSeconds: 20 + liveness.length });
      await core.documentWith(canary, 'it', ({ config }) => config.heartbeatSeconds === 20 + liveness.length);
      const seen = await core.ask('getDeployment', { id });
      assert.deepEqual([states(seen), seen.awaitsApproval], ['ok held held held held', true], liveness);
      assert.equal(seen.reason, 'batch 2 of 3 awaits approval');
    }
    await core.ask('decideDeployment', { by: operator(), id, decision: 'continue' });
    const going = await deploymentWith(id, 'the second batch', (seen) => states(seen).includes('pending'));
    assert.equal(states(going), 'ok pending pending held held');
    assert.equal(await versionOn(nodeAt(site, 3)), '1');
  });

  test('a word that is given while it is away counts when it is back, for its batch', async () => {
    const { nodes, name, put } = await fleetOf(3, [1, 2]);
    const online = nodes.filter(({ liveness }) => liveness === 'online');
    const away = nodes.filter(({ liveness }) => liveness === 'offline');
    const { deployment } = await put('1', { batch: 1, gate: 'manual' });
    const id = deployment ?? '';
    await deploymentWith(id, 'the canary', (seen) => states(seen).includes('pending'));
    await settled(nodeAt(online, 0), name, id);
    await deploymentWith(id, 'the gate', ({ awaitsApproval }) => awaitsApproval);
    await core.ask('decideDeployment', { by: operator(), id, decision: 'continue' });
    await deploymentWith(id, 'the wait', ({ reason }) => reason === 'waiting for 2 nodes that are offline');
    for (const node of away) await core.tell('online', node, {});
    const isPending = (seen: fleet.Deployment) => seen.targets.filter(({ state }) => state === 'pending').length;
    await deploymentWith(id, 'one of them', (seen) => isPending(seen) === 1);
    await settled(nodeAt(away, 0), name, id);
    const gate = await deploymentWith(id, 'the gate again', ({ awaitsApproval }) => awaitsApproval);
    assert.equal(gate.reason, 'batch 3 of 3 awaits approval');
  });
});

describe('a node that is heard but changes nothing', () => {
  test('paused: it blocks nobody and gets it when it is resumed', async () => {
    const { nodes, name, put, versionOn } = await fleetOf(3);
    const [paused, one, two] = [nodeAt(nodes, 0), nodeAt(nodes, 1), nodeAt(nodes, 2)];
    await changed(paused, { paused: true });
    await core.documentWith(paused, 'its pause', ({ config }) => config.paused);
    const { deployment } = await put('1', { batch: 1 });
    for (const node of [one, two]) {
      await core.documentWith(node, 'its turn', ({ stacks }) => stacks.length === 1);
      await settled(node, name, deployment);
    }
    const waiting = await deploymentWith(
      deployment,
      'the wait',
      ({ reason }) => reason !== null && /paused/.test(reason),
    );
    assert.equal(waiting.reason, 'waiting for 1 node that is paused');
    assert.equal(waiting.targets.find(({ node }) => node === paused.id)?.parked, true);
    assert.equal(await versionOn(paused), null);
    await changed(paused, { paused: false });
    await core.documentWith(paused, 'its turn', ({ stacks }) => stacks.length === 1);
    await settled(paused, name, deployment);
    await deploymentWith(deployment, 'the end', ({ state }) => state === 'succeeded');
  });

  test('without its engine: one that gets it and one that would block nobody; a moment of silence is waited for', async () => {
    const { nodes, name, put, versionOn } = await fleetOf(4);
    const [canary, dies, dead, last] = [nodeAt(nodes, 0), nodeAt(nodes, 1), nodeAt(nodes, 2), nodeAt(nodes, 3)];
    await engineSilent(dead, 600);
    const { deployment } = await put('1', { batch: 1 });
    await deploymentWith(deployment, 'the canary', (seen) => states(seen) === 'pending held held held');
    await settled(canary, name, deployment);
    await deploymentWith(deployment, 'the second', (seen) => states(seen) === 'ok pending held held');
    await engineSilent(dies, 5);
    assert.equal(await versionOn(last), null, 'it may answer again');
    await engineSilent(dies, 600);
    await deploymentWith(deployment, 'the last', (seen) => states(seen) === 'ok pending held pending');
    await settled(last, name, deployment);
    await deploymentWith(deployment, 'the wait', ({ reason }) => /without an engine that answers$/.test(reason ?? ''));
    await engineSilent(dead, 0);
    await deploymentWith(deployment, 'its turn', (seen) => states(seen) === 'ok pending pending ok');
    for (const node of [dead, dies]) await settled(node, name, deployment);
    await deploymentWith(deployment, 'the end', ({ state }) => state === 'succeeded');
  });
});
