// Rollouts over nodes: batches, gates, pauses, order across stacks, and going back by hand. The tests play the nodes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { OutputOf } from '#infra/nats/bus.ts';
import type { OverseerError } from '#subjects/errors.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { StackSpec } from '#subjects/schema/stack.ts';
import { until } from '#test/harness/until.ts';
import { COMPOSE, type Core, operator, SOON_MS, startCore } from './core.ts';

type Deployment = OutputOf<'getDeployment'>;
type Strategy = NonNullable<StackSpec['strategy']>;

let core: Core;
before(async () => {
  core = await startCore();
  // Two, so that every promise here holds while both decide.
  await core.startScheduler(false);
  await core.startScheduler(false);
});
after(() => core?.stop());

function deploymentWith(id: string | null, what: string, isIt: (deployment: Deployment) => boolean) {
  return until(
    async () => {
      const deployment = await core.ask('getDeployment', { id: id ?? '' });
      return isIt(deployment) ? deployment : null;
    },
    SOON_MS,
    what,
  );
}

/** `ok held pending`, in order of node id, as the rollout goes. */
function states({ targets }: Deployment): string {
  return targets
    .toSorted((a, b) => (a.node < b.node ? -1 : 1))
    .map(({ state }) => (state === 'succeeded' ? 'ok' : state))
    .join(' ');
}

async function settled(
  node: Node,
  stack: string,
  deployment: string | null,
  outcome: 'succeeded' | 'failed' | 'rolled-back' = 'succeeded',
): Promise<void> {
  const reason = outcome === 'succeeded' ? null : 'exited 7';
  const failure = reason === null ? null : { service: 'web', container: 'web-1', exitCode: 7, lines: ['no'] };
  const about = { type: 'stack.settled', stack, revision: 1, deployment };
  await core.tell('stack-settled', node, { ...about, outcome, reason, failure });
}

let fleets = 0;
/** Nodes of their own label, in order of id, and a way to put a stack on them. */
async function fleetOf(count: number, away: readonly number[] = []) {
  fleets += 1;
  const fleet = `f${fleets}`;
  const made: Node[] = [];
  for (let index = 0; index < count; index += 1) {
    const liveness = away.includes(index) ? 'offline' : 'online';
    made.push(await core.enroll(`${fleet}-${index}`, { labels: { fleet }, liveness }));
  }
  const nodes = made.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const name = `on-${fleet}`;
  const put = (version: string, strategy: Strategy = {}, more: Partial<StackSpec> = {}) =>
    core.put(name, { env: { V: version }, targets: { selector: { fleet } }, strategy, ...more });
  const versionOn = async (node: Node) =>
    (await core.document(node))?.stacks.find((stack) => stack.name === name)?.env['V'] ?? null;
  /** Everywhere, and confirmed. */
  const first = async () => {
    const { deployment } = await put('1');
    for (const node of nodes) await settled(node, name, deployment);
    await deploymentWith(deployment, 'the first revision', ({ state }) => state === 'succeeded');
  };
  return { fleet, nodes, name, put, versionOn, first };
}

function nodeAt(nodes: readonly Node[], index: number): Node {
  const node = nodes[index];
  if (!node) throw new Error(`there is no node ${index}`);
  return node;
}

describe('batches', () => {
  test('one node first, then a batch; the next only when this one is well', async () => {
    const { nodes, name, put, versionOn, first } = await fleetOf(4);
    await first();
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
    const issued = await core.database
      .em()
      .execute(
        `select parameters->>'node' as node, generation, count(*)::int as n from outbox where kind = 'state' group by 1, 2`,
      );
    assert.ok(issued.every((row) => (row as { n: number }).n === 1), 'two schedulers let nobody go twice');
  });

  test('a failed canary: nobody else gets it, now or later, until something new is put', async () => {
    const { nodes, name, put, versionOn, first, fleet } = await fleetOf(3);
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

    const late = await core.enroll(`${fleet}-late`, { labels: { fleet } });
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

  test('dead nodes block nobody, count nowhere, and get it at the end; one that dies on the way too', async () => {
    const { nodes, name, put, versionOn } = await fleetOf(4, [0, 1]);
    const { deployment } = await put('1', { batch: 1 });
    const online = nodes.filter(({ liveness }) => liveness === 'online');
    const away = nodes.filter(({ liveness }) => liveness === 'offline');
    const [one, two] = [nodeAt(online, 0), nodeAt(online, 1)];
    const isPending = (node: Node) => (seen: Deployment) =>
      seen.targets.find((target) => target.node === node.id)?.state === 'pending';
    await deploymentWith(deployment, 'the canary', isPending(one));
    await settled(one, name, deployment);
    await deploymentWith(deployment, 'the next', isPending(two));
    assert.equal(await versionOn(nodeAt(away, 0)), null);
    await core.tell('offline', two, {});
    const waiting = await deploymentWith(deployment, 'the others', (seen) => isPending(nodeAt(away, 1))(seen));
    assert.deepEqual(
      waiting.targets.filter(({ parked }) => parked).map(({ node }) => node).sort(),
      away.map(({ id }) => id).sort(),
    );
    for (const node of [...away, two]) {
      await core.tell('online', node, {});
      await core.documentWith(node, 'it', ({ stacks }) => stacks.length === 1);
      await settled(node, name, deployment);
    }
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
      .execute(`select body->>'action' as action from outbox where body->>'object' = ? order by id`, [`deployments/${id}`]);
    assert.deepEqual(
      audited.map((row) => (row as { action: string }).action),
      ['deployment.continue', 'deployment.cancel'],
    );
  });
});

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
