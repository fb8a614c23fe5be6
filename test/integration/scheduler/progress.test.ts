import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { NodeFact } from '#subjects/schema/cloud-event.ts';
import type { Deployment } from '#subjects/schema/deployment.ts';
import type { Node } from '#subjects/schema/node.ts';
import { until } from '#test/harness/until.ts';
import { type Core, SOON_MS, startCore } from './core.ts';
import { wholeOf } from './whole.ts';

let core: Core;
before(async () => {
  core = await startCore();
  await core.startScheduler();
});
after(() => core?.stop());

function deploymentWith(id: string | null, what: string, isIt: (deployment: Deployment) => boolean) {
  return until(
    async () => {
      const deployment = await wholeOf(core, id);
      return isIt(deployment) ? deployment : null;
    },
    SOON_MS,
    what,
  );
}

async function step(node: Node, fact: NodeFact, deployment: string | null, body: Record<string, unknown>) {
  const about = { stack: 'web', revision: 1, deployment };
  const type = fact === 'stack-settled' ? 'stack.settled' : `stack.${fact.replace('-', '.')}`;
  await core.tell(fact, node, { type, ...about, ...(fact === 'stack-settled' ? { failure: null } : {}), ...body });
}

async function factsOf(deployment: string | null): Promise<string[]> {
  const told = await core.database
    .em()
    .execute(`select parameters->>'fact' as fact from outbox where parameters->>'deployment' = ? order by id`, [
      deployment,
    ]);
  return told.map((row) => (row as { fact: string }).fact);
}

describe('a deployment comes further', () => {
  test('by what nodes tell: steps with their output, then the outcome; told twice it counts once', async () => {
    const node = await core.enroll('teller');
    const { deployment } = await core.put('web', { targets: { nodes: [node.id] } });
    await step(node, 'step-started', deployment, { step: 'up', why: 'revision 1 is wanted' });
    await step(node, 'step-output', deployment, { step: 'up', lines: ['one', 'two'] });
    for (let round = 0; round < 22; round += 1) {
      const lines = Array.from({ length: 500 }, (_, index) => `line ${round * 500 + index}`);
      await step(node, 'step-output', deployment, { step: 'up', lines });
    }
    await step(node, 'step-finished', deployment, {
      ...{ step: 'up', outcome: 'ok', reason: null, exitCode: 0, durationMs: 5 },
    });
    await core.handled();
    const running = await deploymentWith(deployment, 'the step', (seen) => seen.targets[0]?.steps[0]?.outcome === 'ok');
    assert.equal(running.state, 'progressing');
    const [seen] = running.targets[0]?.steps ?? [];
    assert.equal(seen?.why, 'revision 1 is wanted');
    assert.deepEqual(seen?.output.slice(0, 3), ['one', 'two', 'line 0']);
    assert.equal(seen?.output.length, 10_001);
    assert.equal(seen?.output.at(-1), '(1002 more lines were not kept)');
    await step(node, 'stack-settled', deployment, { outcome: 'succeeded', reason: null });
    const done = await deploymentWith(deployment, 'the outcome', ({ state }) => state === 'succeeded');
    assert.ok(done.finishedAt);
    await step(node, 'stack-settled', deployment, { outcome: 'failed', reason: 'late' });
    await step(node, 'step-started', deployment, { step: 'repair', why: 'a container died' });
    await core.handled();
    const still = await wholeOf(core, deployment);
    assert.equal(still.state, 'succeeded');
    assert.equal(still.targets[0]?.steps.length, 1);
    assert.deepEqual(await factsOf(deployment), ['created', 'progressed', 'finished']);
    await core.remove('web');
  });

  test('a fact delivered twice is counted once', async () => {
    const node = await core.enroll('twice');
    const { deployment } = await core.put('twice', { targets: { nodes: [node.id] } });
    await step(node, 'step-started', deployment, { step: 'up', why: 'once' });
    await deploymentWith(deployment, 'the step', (seen) => seen.targets[0]?.steps.length === 1);
    const gateway = await core.nats.connect('gateway');
    const { messages } = await gateway.history('EVENTS', 1, 1000);
    const told = messages.find(
      ({ body }) => (body as { data: { deployment?: string; why?: string } }).data.why === 'once',
    );
    assert.ok(told);
    const registry = await core.nats.connect('registry');
    await registry.emit('nodeFact', told.parameters as never, told.body as never);
    // Facts of one kind from one node are handled in order.
    await step(node, 'step-started', deployment, { step: 'next', why: 'after it' });
    await deploymentWith(deployment, 'the next step', (seen) => seen.targets[0]?.steps.at(-1)?.step === 'next');
    await step(node, 'stack-settled', deployment, { outcome: 'failed', reason: 'the image is missing' });
    const failed = await deploymentWith(deployment, 'the failure', ({ state }) => state === 'failed');
    assert.equal(failed.reason, 'failed on 1 of 1 nodes: the image is missing');
    assert.deepEqual(
      failed.targets[0]?.steps.map(({ why }) => why),
      ['once', 'after it'],
    );
    await core.remove('twice');
  });

  test('by a report alone, when every event was lost', async () => {
    const node = await core.enroll('silent');
    const { deployment } = await core.put('quiet', { targets: { nodes: [node.id] } });
    const document = await core.documentWith(node, 'the stack', ({ stacks }) => stacks.length === 1);
    const hash = document.stacks[0]?.hash ?? null;
    await core.report(node, document.generation - 1, [{ name: 'quiet', hash, phase: 'applying' }]);
    await until(
      async () => (await core.ask('getNodeDesired', { id: node.id })).stacks[0]?.phase === 'applying',
      SOON_MS,
      'the first report',
    );
    assert.equal((await core.ask('getDeployment', { id: deployment ?? '' })).state, 'pending');
    await core.report(node, document.generation, [{ name: 'quiet', hash, phase: 'failed', reason: 'exited 7' }]);
    const failed = await deploymentWith(deployment, 'the failure', ({ state }) => state === 'failed');
    assert.equal(failed.targets[0]?.reason, 'exited 7');
    const listed = await core.ask('listStacks', { node: node.id });
    assert.deepEqual(listed.items[0]?.nodes, [
      { node: node.id, phase: 'failed', revision: 1, reason: 'exited 7', drift: [] },
    ]);

    const removal = await core.remove('quiet');
    const gone = await core.documentWith(node, 'the removal', ({ removed }) => removed.length === 1);
    await core.report(node, gone.generation, []);
    await deploymentWith(removal.deployment, 'the removal', ({ state }) => state === 'succeeded');
    assert.deepEqual((await core.ask('getNodeDesired', { id: node.id })).stacks, []);
    assert.equal((await core.document(node))?.generation, gone.generation, 'the removal stays in the document');
  });

  test('an offline node is waited for, and named', async () => {
    const [here, away] = [await core.enroll('here'), await core.enroll('away', { liveness: 'offline' })];
    const { deployment } = await core.put('wait', { targets: { nodes: [here.id, away.id] } });
    await step(here, 'stack-settled', deployment, { outcome: 'succeeded', reason: null });
    const waiting = await deploymentWith(deployment, 'waiting', ({ reason }) => reason !== null);
    assert.equal(waiting.state, 'progressing');
    assert.equal(waiting.reason, 'waiting for 1 node that is offline');
    assert.deepEqual(waiting.targets.map(({ nodeName, parked }) => [nodeName, parked]).sort(), [
      ['away', true],
      ['here', false],
    ]);
    await core.tell('online', away, {});
    await step(away, 'stack-settled', deployment, { outcome: 'succeeded', reason: null });
    await deploymentWith(deployment, 'the end', ({ state }) => state === 'succeeded');
    await core.remove('wait');
  });

  test('nodes that come, change and go take their stacks along', async () => {
    const targets = { selector: { tier: 'front' } };
    const { deployment } = await core.put('tier', { targets });
    assert.equal((await core.ask('getDeployment', { id: deployment ?? '' })).reason, 'no node matches');
    const late = await core.enroll('late', { labels: { tier: 'front' } });
    await core.documentWith(late, 'the stack', ({ stacks }) => stacks.length === 1);
    const extended = await core.ask('getDeployment', { id: deployment ?? '' });
    assert.deepEqual(
      extended.targets.map(({ node, state }) => [node, state]),
      [[late.id, 'pending']],
    );

    const change = async (node: Node, given: Partial<Node>) => {
      const changed = { ...node, ...given };
      core.nodes.set(node.id, changed);
      await core.tell('updated', changed);
      return changed;
    };
    const drained = await change(late, { drained: true });
    const empty = await core.documentWith(
      late,
      'nothing',
      ({ stacks, config }) => stacks.length === 0 && config.drained,
    );
    assert.deepEqual(
      empty.removed.map(({ name, volumes }) => [name, volumes]),
      [['tier', false]],
    );
    const back = await change(drained, { drained: false });
    await core.documentWith(
      late,
      'the stack again',
      ({ stacks, removed }) => stacks.length === 1 && removed.length === 0,
    );
    const renamed = await change(back, { name: 'renamed', labels: { tier: 'front', zone: 'x' } });
    const told = await core.documentWith(late, 'its name', ({ config }) => config.name === 'renamed');
    assert.equal(told.stacks.length, 1);
    const again = await core.ask('getNodeDesired', { id: late.id });
    await core.tell('updated', renamed);
    await core.handled();
    assert.deepEqual(
      (await core.ask('getNodeDesired', { id: late.id })).desired,
      again.desired,
      'no news, no document',
    );

    const stale = { ...late, name: 'stale' };
    await core.tell('updated', stale, { node: stale }, { time: new Date(0).toISOString() });
    await core.handled();
    assert.equal((await core.document(late))?.config.name, 'renamed', 'what is older changes nothing');

    core.nodes.delete(late.id);
    await core.tell('removed', renamed, {});
    await until(
      async () => (await core.ask('getStack', { name: 'tier' })).nodes.length === 0,
      SOON_MS,
      'the node to be gone',
    );
    await core.tell('updated', renamed);
    await core.handled();
    await assert.rejects(core.ask('getNodeDesired', { id: late.id }));
    await core.remove('tier');
  });
});
