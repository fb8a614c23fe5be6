// A stack's whole life: put, put again, changed, removed; what the engine did is asked of the engine.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { everyPage } from '#test/harness/api.ts';
import { ended, expectStatus, onlineNode, put } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { hello } from '#test/harness/stacks.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

interface Step {
  readonly step: string;
  readonly why: string;
  readonly outcome: string | null;
  readonly exitCode: number | null;
  readonly output: readonly string[];
}

describe('a stack of two services', () => {
  let machine: Machine;
  let system: System;
  let node: string;
  before(async () => {
    machine = await startMachine();
    system = await startSystem({ dockerHost: machine.dockerHost });
    node = (await onlineNode(system)).id;
  });
  after(async () => {
    await system?.stop();
    await machine?.stop();
  });

  test('runs, and its deployment tells each step with its reason', async () => {
    const answer = await system.api('PUT', '/api/stacks/hello', { compose: hello('one'), targets: { nodes: [node] } });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    assert.equal(answer.body.name, 'hello');
    assert.equal(answer.body.revision, 1);
    const deployment = await ended(system, answer.body.deployment);
    assert.equal(deployment.state, 'succeeded', JSON.stringify(deployment));
    const [target] = deployment.targets;
    assert.equal(target.node, node);
    assert.ok(target.steps.length > 0);
    for (const step of target.steps as Step[]) {
      assert.ok(step.why.length > 5, `no reason for ${step.step}`);
      assert.equal(step.outcome, 'ok');
    }
    assert.ok((target.steps as Step[]).some(({ output }) => output.some((line) => /hello-web-1/.test(line))));
    const containers = await machine.engine.containers();
    assert.deepEqual(
      containers.map(({ stack, service, state, health }) => [stack, service, state, health]),
      [
        ['hello', 'caller', 'running', null],
        ['hello', 'web', 'running', 'healthy'],
      ],
    );
  });

  test('the same content again is answered 200 and touches nothing', async () => {
    const before = await machine.engine.identity();
    const since = Date.now();
    const answer = await system.api('PUT', '/api/stacks/hello', { compose: hello('one'), targets: { nodes: [node] } });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.revision, 1);
    const { body: status } = await system.api('GET', `/api/nodes/${node}/status`);
    assert.equal(status.observedGeneration, status.desired.generation);
    assert.deepEqual(await machine.engine.identity(), before);
    const made = (await machine.engine.events(since)).filter(({ Action }) =>
      /^(create|start|die|destroy)$/.test(Action),
    );
    assert.deepEqual(made, []);
  });

  test('a change recreates only what changed', async () => {
    const before = await machine.engine.identity();
    const answer = await put(system, 'hello', hello('two'), { nodes: [node] });
    assert.equal(answer.revision, 2);
    const deployment = await ended(system, answer.deployment);
    assert.equal(deployment.state, 'succeeded', JSON.stringify(deployment));
    const now = await machine.engine.identity();
    assert.equal(now['hello/web'], before['hello/web']);
    assert.notEqual(now['hello/caller'], before['hello/caller']);
    const [caller] = await machine.engine.containers();
    assert.ok(caller?.environment.includes('MARK=two'));
  });

  test('a stack that cannot start fails with its reason, and others are left alone', async () => {
    const before = await machine.engine.identity();
    const compose = 'services:\n  absent:\n    image: overseer-test/never-built:1\n    pull_policy: never\n';
    const { deployment } = await put(system, 'broken', compose, { nodes: [node] });
    const outcome = await ended(system, deployment);
    assert.equal(outcome.state, 'failed');
    const [target] = outcome.targets;
    assert.equal(target.state, 'failed');
    assert.ok(JSON.stringify(target).includes('never-built'), 'names what Docker could not find');
    assert.deepEqual(await machine.engine.identity(), before);
  });

  test('DELETE removes it', async () => {
    const { body } = expectStatus(await system.api('DELETE', '/api/stacks/hello'), 200, 202);
    assert.equal((await ended(system, body.deployment)).state, 'succeeded');
    await until(async () => (await machine.engine.containers()).length === 0, 10_000, 'the containers to be gone');
    assert.equal((await system.api('GET', '/api/stacks/hello')).status, 404);
  });

  test('all of it stands in the audit list', async () => {
    const puts = await until(
      async () => {
        const records = await everyPage(system.api, '/api/audit');
        const mine = records.filter(({ object }) => object === 'stacks/hello');
        return mine.some(({ action }) => /remove|delete/.test(action)) ? mine : undefined;
      },
      5_000,
      'the removal in the audit list',
    );
    const actions = puts.map(({ action, outcome }) => `${action} ${outcome}`);
    assert.ok(actions.filter((action) => action === 'stack.put accepted').length >= 2, actions.join());
    // What the node did for it stands there too, in its own name.
    const asked = puts.filter(({ action }) => /^stack\.(put|remove|delete)$/.test(action));
    assert.ok(asked.every(({ actor }) => actor.kind === 'operator' && actor.id !== ''));
    assert.ok(puts.every(({ actor }) => actor.id !== ''));
    assert.equal(new Set(puts.map(({ id }) => id)).size, puts.length);
  });
});
