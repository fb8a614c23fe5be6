// Whether a stack that others need runs is what its nodes say of it, whatever became of its deployment. The tests play them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Node } from '#subjects/schema/node.ts';
import type { ObservedStack } from '#subjects/schema/report.ts';
import { type Core, startCore } from './core.ts';
import * as fleet from './fleet.ts';
import { nodeAt, states } from './fleet.ts';

let core: Core;
before(async () => {
  core = await startCore();
  await core.startScheduler(false);
});
after(() => core?.stop());

const deploymentWith = (id: string | null, what: string, isIt: (deployment: fleet.Deployment) => boolean) =>
  fleet.deploymentWith(core, id, what, isIt);

async function observed(node: Node, name: string, phase: ObservedStack['phase']): Promise<void> {
  const { generation } = (await core.document(node)) ?? {};
  await core.report(node, (generation ?? 0) - 1, [{ name, phase }]);
}

describe('a stack that another one needs', () => {
  test('counts as running where it went back or runs again, though its deployment ended badly', async () => {
    const { nodes, name: db, put } = await fleet.fleetOf(core, 2);
    const [one, two] = [nodeAt(nodes, 0), nodeAt(nodes, 1)];
    const { deployment } = await put('1');
    await fleet.settled(core, one, db, deployment, 'rolled-back');
    await fleet.settled(core, two, db, deployment, 'failed');
    await deploymentWith(deployment, 'its end', ({ state }) => state === 'failed');
    const app = await core.put(`app-of-${db}`, { targets: { nodes: [one.id] }, dependsOn: [db] });
    const saying = (reason: string) => deploymentWith(app.deployment, reason, (seen) => seen.reason === reason);
    const missing = (node: Node, what: string) => `${node.name} (${what})`;
    const [first, second] = nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    assert.ok(first && second);
    await saying(`waits for stack ${db} on ${missing(first, 'not there yet')}, ${missing(second, 'not there yet')}`);
    await observed(one, db, 'rolled-back');
    await saying(`waits for stack ${db} on ${missing(two, 'not there yet')}`);
    await observed(two, db, 'failed');
    await saying(`waits for stack ${db} on ${missing(two, 'failed')}`);
    await observed(two, db, 'running');
    await deploymentWith(app.deployment, 'its turn', (seen) => states(seen) === 'pending');
  });

  test('does not run where its newest deployment is still on its way, whatever was said before', async () => {
    const { nodes, name: db, put, first } = await fleet.fleetOf(core, 1);
    const node = nodeAt(nodes, 0);
    await first();
    await observed(node, db, 'running');
    const { deployment } = await put('2');
    const app = await core.put(`app-of-${db}`, { targets: { nodes: [node.id] }, dependsOn: [db] });
    const reason = `waits for stack ${db} on ${node.name} (deploying)`;
    await deploymentWith(app.deployment, 'the wait', (seen) => seen.reason === reason);
    await fleet.settled(core, node, db, deployment);
    await deploymentWith(app.deployment, 'its turn', (seen) => states(seen) === 'pending');
  });

  test('and one that has never run holds it up', async () => {
    const { nodes, name: db, put } = await fleet.fleetOf(core, 1, [0]);
    await put('1');
    const targets = { nodes: [nodeAt(nodes, 0).id] };
    const app = await core.put(`app-of-${db}`, { targets, dependsOn: [db] });
    const reason = `waits for stack ${db}: none of its nodes is online`;
    await deploymentWith(app.deployment, 'the wait', (seen) => seen.reason === reason);
  });
});
