// A second machine: joins by the pasted command, takes its share of a stack by label, and is cut off when deregistered.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { loadNodeCredential, tryCredential } from '#test/harness/credential.ts';
import { addMachine, deploy, type EnrolledAgent, expectStatus, onlineNode } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { connectionsTo } from '#test/harness/sockets.ts';
import { hello } from '#test/harness/stacks.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

describe('a second node', () => {
  let here: Machine;
  let there: Machine;
  let system: System;
  let agent: EnrolledAgent;
  before(async () => {
    here = await startMachine();
    there = await startMachine();
    system = await startSystem({ dockerHost: here.dockerHost, open: true });
    const local = await onlineNode(system);
    expectStatus(await system.api('PUT', `/api/nodes/${local.id}/config`, { labels: { role: 'edge' } }), 200, 202);
  });
  after(async () => {
    await agent?.kill('SIGTERM');
    await system?.stop();
    await there?.stop();
    await here?.stop();
  });

  test('enrolls with the pasted command and comes online under its name and labels', async () => {
    agent = await addMachine(system, there, { name: 'far', labels: { role: 'edge' } });
    const node = await onlineNode(system, 'far');
    assert.equal(node.id, agent.node);
    assert.deepEqual(node.labels, { role: 'edge' });
  });

  test('keeps its keys to itself', () => {
    for (const file of ['identity.json', 'node.json']) {
      const seed = /SU[A-Z2-7]{56}|AGE-SECRET-KEY/.exec(readFileSync(`${agent.data}/${file}`, 'utf8'));
      if (seed) assert.ok(!system.output().includes(seed[0]) && !agent.output().includes(seed[0]));
    }
  });

  test('a stack with a selector lands on both', async () => {
    const outcome = await deploy(system, 'hello', hello('both'), { selector: { role: 'edge' } });
    assert.equal(outcome.targets.length, 2);
    for (const machine of [here, there]) {
      assert.deepEqual(await machine.engine.running(), ['hello/caller', 'hello/web']);
    }
  });

  test('a node that gains the label gains the stack, one that matches no selector has none', async () => {
    const outcome = await deploy(system, 'nowhere-else', hello('x'), { selector: { role: 'edge', far: 'yes' } });
    assert.equal(outcome.targets.length, 0);
    expectStatus(
      await system.api('PUT', `/api/nodes/${agent.node}/config`, { labels: { role: 'edge', far: 'yes' } }),
      200,
      202,
    );
    await until(
      async () => (await there.engine.running()).filter((name) => name.startsWith('nowhere-else/')).length === 2,
      30_000,
      'the stack to follow the label',
    );
    assert.deepEqual(await here.engine.running(), ['hello/caller', 'hello/web']);
  });

  test('deregistering cuts the live connection within a second and refuses the credential from then on', async () => {
    const credential = loadNodeCredential(agent.data);
    assert.equal(await tryCredential(system, credential), 'accepted', 'control: the credential is good before');
    const connection = await until(() => connectionsTo(agent.pid, system.natsPort)[0], 10_000, 'its connection');
    const begun = performance.now();
    const asked = system.api('DELETE', `/api/nodes/${agent.node}`);
    while (connectionsTo(agent.pid, system.natsPort).includes(connection)) {
      assert.ok(performance.now() - begun < 5_000, 'the connection still stands');
      await pause(5);
    }
    const cutAfterMs = performance.now() - begun;
    expectStatus(await asked, 200, 202, 204);
    assert.ok(cutAfterMs < 1_000, `cut after ${cutAfterMs.toFixed(0)} ms`);
    assert.equal(await tryCredential(system, credential), 'refused');
    assert.equal((await system.api('GET', `/api/nodes/${agent.node}`)).status, 404);
  });

  test('its agent does not come back by a restart, and its containers run on', async () => {
    await agent.kill('SIGKILL');
    const before = await there.engine.identity();
    const saidBefore = agent.output().length;
    agent.start();
    await until(
      () => agent.output().slice(saidBefore).includes('deregistered'),
      20_000,
      'the agent to say that it was deregistered',
    );
    const { body } = await system.api('GET', '/api/nodes');
    assert.ok(!body.items.some(({ id }: { id: string }) => id === agent.node));
    assert.equal(await tryCredential(system, loadNodeCredential(agent.data)), 'refused');
    assert.deepEqual(await there.engine.identity(), before);
  });

  test('a used token adds no third node', async () => {
    const { body } = await system.api('GET', '/api/enrollment-tokens');
    assert.deepEqual(
      body.items.filter(({ name }: { name: string | null }) => name === 'far').map((t: { used: number }) => t.used),
      [1],
    );
  });
});
