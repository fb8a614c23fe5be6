// What operators have done to running stacks: state that outlives everything, and commands that nodes carry out once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { Bus, InputOf, OutputOf } from '#infra/nats/bus.ts';
import { isGenuineCommand } from '#infra/signing/command.ts';
import { failUnanswered } from '#services/scheduler/actions.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { ActionBody, NodeAction, StackAction } from '#subjects/schema/action.ts';
import type { Node } from '#subjects/schema/node.ts';
import { until } from '#test/harness/until.ts';
import { type Core, operator, SOON_MS, startCore } from './core.ts';

let core: Core;
const nonces = new Map<string, string>();
before(async () => {
  core = await startCore();
  await core.startScheduler();
  const registry = await core.nats.connect('registry');
  registry.serve('commandNonce', async ({ id }) => ({ nonce: nonces.get(id) ?? null }));
});
after(() => core?.stop());

type Deployment = OutputOf<'getDeployment'>;

function act(name: string, action: StackAction, body: ActionBody = {}) {
  return core.ask('actOnStack', { by: operator(), name, action, body });
}

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

async function settle(node: Node, stack: string, deployment: string | null, outcome = 'succeeded') {
  const about = { type: 'stack.settled', stack, revision: 1, deployment };
  const reason = outcome === 'succeeded' ? null : 'no such image';
  await core.tell('stack-settled', node, { ...about, outcome, reason, failure: null });
}

/** A node that takes commands and remembers them. */
async function listening(node: Node): Promise<NodeAction[]> {
  const heard: NodeAction[] = [];
  const nonce = newId();
  const bus: Bus = await core.nats.connect('node', node.id, core.nats.mintNode(node.id));
  bus.serve(
    'act',
    async (given: InputOf<'act'>) => {
      assert.ok(isGenuineCommand(given, core.signer));
      assert.equal(given.node, node.id);
      heard.push(given.action);
      return { kind: 'command-answer', accepted: true };
    },
    { node: node.id, nonce },
  );
  await bus.flush();
  nonces.set(node.id, nonce);
  return heard;
}

function refusedAs(code: string) {
  return (error: unknown) => error instanceof OverseerError && error.code === code;
}

async function auditedOf(object: string): Promise<string[]> {
  const found = await core.database
    .em()
    .execute(`select body->>'action' as action from outbox where body->>'object' = ? order by id`, [object]);
  return found.map((row) => (row as { action: string }).action);
}

describe('state', () => {
  test('stop and start, everywhere and on one node; a stop of one node outlives what is put', async () => {
    const [a, b] = [await core.enroll('a'), await core.enroll('b')];
    const targets = { nodes: [a.id, b.id] };
    await core.put('web', { targets });
    const stateOn = (node: Node, state: string, revision: number) =>
      core.documentWith(node, `${state} at ${revision}`, ({ stacks }) => {
        return stacks[0]?.state === state && stacks[0].revision === revision;
      });
    await stateOn(b, 'running', 1);
    const generation = (await core.document(b))?.generation;
    const stopped = await act('web', 'stop', { nodes: [a.id] });
    assert.deepEqual([stopped.changed, stopped.revision], [true, 1]);
    await stateOn(a, 'stopped', 1);
    assert.equal((await act('web', 'stop', { nodes: [a.id] })).changed, false);
    await core.put('web', { targets, env: { A: '2' } });
    await stateOn(b, 'running', 2);
    await stateOn(a, 'stopped', 2);
    assert.deepEqual((await core.ask('getStack', { name: 'web' })).stoppedNodes, [a.id]);
    assert.notEqual((await core.document(b))?.generation, generation);
    await act('web', 'start', { nodes: [a.id] });
    await stateOn(a, 'running', 2);
    await act('web', 'stop');
    await stateOn(a, 'stopped', 2);
    await stateOn(b, 'stopped', 2);
    await act('web', 'start', { nodes: [b.id] });
    await stateOn(b, 'running', 2);
    assert.deepEqual((await core.ask('getStack', { name: 'web' })).stoppedNodes, [a.id], 'only that one was started');
    await core.put('web', { targets, env: { A: '2' }, state: 'stopped' });
    await core.put('web', { targets, env: { A: '2' }, state: 'running' });
    await stateOn(a, 'running', 2);
    const stranger = await core.enroll('stranger');
    await assert.rejects(act('web', 'stop', { nodes: [stranger.id] }), refusedAs('invalid-input'));
    await assert.rejects(act('nothing', 'stop'), refusedAs('stack-not-found'));
    const actions = await auditedOf('stacks/web');
    assert.deepEqual(
      actions,
      ['put', 'stop', 'put', 'start', 'stop', 'start', 'put', 'put'].map((what) => `stack.${what}`),
    );
  });

  test('scale is a new revision, for a service that is there', async () => {
    const node = await core.enroll('scaled');
    await core.put('many', { targets: { nodes: [node.id] } });
    const scaled = await act('many', 'scale', { services: ['web'], replicas: 3 });
    assert.deepEqual([scaled.changed, scaled.revision], [true, 2]);
    const document = await core.documentWith(node, 'more', ({ stacks }) => stacks[0]?.revision === 2);
    assert.deepEqual(document.stacks[0]?.scale, { web: 3 });
    assert.equal((await act('many', 'scale', { services: ['web'], replicas: 3 })).changed, false);
    await assert.rejects(act('many', 'scale', { services: ['none'], replicas: 1 }), refusedAs('invalid-input'));
    await assert.rejects(act('many', 'scale', { services: ['web'] }), refusedAs('invalid-input'));
    await assert.rejects(act('many', 'scale', { replicas: 1 }), refusedAs('invalid-input'));
  });
});

describe('commands', () => {
  test('each node where it runs is told once; the outcomes make a deployment that disturbs none', async () => {
    const [here, deaf, away] = [await core.enroll('here'), await core.enroll('deaf'), await core.enroll('away')];
    const heard = await listening(here);
    const { deployment } = await core.put('job', { targets: { nodes: [here.id, deaf.id, away.id] } });
    await core.tell('offline', away, {});
    await core.handled();
    const restart = await act('job', 'restart', { services: ['web'] });
    assert.equal(restart.changed, true);
    const sent = await deploymentWith(restart.deployment, 'the others to fail', ({ targets }) => {
      return targets.filter(({ state }) => state === 'failed').length === 2;
    });
    assert.equal(sent.kind, 'restart');
    const reasonOf = (node: Node) => sent.targets.find((target) => target.node === node.id)?.reason ?? '';
    assert.equal(reasonOf(away), 'node-offline');
    assert.match(reasonOf(deaf), /^node-offline/);
    await until(() => heard.length === 1, SOON_MS, 'the command');
    const wanted = { kind: 'restart', stack: 'job', services: ['web'], deployment: restart.deployment };
    assert.deepEqual(heard[0], wanted);
    // What the node shows says nothing of whether it restarted anything.
    const document = await core.document(here);
    await core.report(here, document?.generation ?? 0, [{ name: 'job', hash: document?.stacks[0]?.hash ?? null }]);
    await deploymentWith(deployment, 'the first one', ({ targets }) => {
      return targets.some(({ node, state }) => node === here.id && state === 'succeeded');
    });
    assert.equal((await core.ask('getDeployment', { id: restart.deployment ?? '' })).state, 'progressing');
    await settle(here, 'job', restart.deployment);
    const done = await deploymentWith(restart.deployment, 'the end', ({ finishedAt }) => finishedAt !== null);
    assert.equal(done.state, 'failed');
    assert.match(done.reason ?? '', /^failed on 2 of 3 nodes/);
    assert.equal((await core.ask('getStack', { name: 'job' })).deployment, deployment, 'still the one that was put');
    assert.equal((await core.ask('getDeployment', { id: deployment ?? '' })).state, 'progressing');

    const pull = await act('job', 'pull', { nodes: [here.id] });
    await until(() => heard.length === 2, SOON_MS, 'the second command');
    await core.put('job', { targets: { nodes: [here.id] }, env: { A: '1' } });
    assert.notEqual((await core.ask('getDeployment', { id: pull.deployment ?? '' })).state, 'superseded');
    await settle(here, 'job', pull.deployment, 'failed');
    await deploymentWith(
      pull.deployment,
      'the failure',
      ({ reason }) => reason === 'failed on 1 of 1 nodes: no such image',
    );
    await assert.rejects(act('job', 'restart', { services: ['none'] }), refusedAs('invalid-input'));
    await assert.rejects(act('job', 'pull', { nodes: [deaf.id] }), refusedAs('invalid-input'));
    await act('job', 'stop');
    await assert.rejects(act('job', 'restart'), refusedAs('conflict'));
  });

  test('one of which nothing is heard fails in the end', async () => {
    const node = await core.enroll('lost');
    await listening(node);
    await core.put('lost', { targets: { nodes: [node.id] } });
    const { deployment } = await act('lost', 'restart');
    const issuer = (minutes: number) => ({
      ...{ key: core.signer, epoch: newId(), vault: null, newId },
      now: () => new Date(Date.now() + minutes * 60_000),
    });
    assert.equal(await core.database.transaction((em) => failUnanswered(em, issuer(14))), 0);
    assert.equal(await core.database.transaction((em) => failUnanswered(em, issuer(16))), 1);
    const failed = await deploymentWith(deployment, 'the failure', ({ state }) => state === 'failed');
    assert.match(failed.reason ?? '', /nothing was heard of it for 15 minutes/);
  });

  test('prune is a command without a deployment', async () => {
    const node = await core.enroll('full');
    const prune = (id: string) => core.ask('pruneNode', { by: operator(), node: id, images: 'dangling' });
    await assert.rejects(prune(node.id), refusedAs('node-offline'));
    await assert.rejects(prune(newId()), refusedAs('node-not-found'));
    const heard = await listening(node);
    await prune(node.id);
    assert.deepEqual(heard, [{ kind: 'prune', images: 'dangling' }]);
    assert.deepEqual(await auditedOf(`nodes/${node.id}`), ['node.prune', 'node.prune']);
  });
});
