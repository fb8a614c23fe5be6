// Each part killed in turn while the others go on: it is started again, what was acknowledged is there, and no container
// notices.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deploy, ended, onlineNode, put } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { isAlive, kill, processesOf } from '#test/harness/processes.ts';
import { hello, idle } from '#test/harness/stacks.ts';
import { type Part, type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

describe('a killed part', () => {
  let machine: Machine;
  let system: System;
  let node: string;
  before(async () => {
    machine = await startMachine();
    system = await startSystem({ dockerHost: machine.dockerHost });
    node = (await onlineNode(system)).id;
    await deploy(system, 'steady', hello('steady'), { nodes: [node] });
  });
  after(async () => {
    await system?.stop();
    await machine?.stop();
  });

  const steady = async () => {
    const identity = await machine.engine.identity();
    return [identity['steady/web'], identity['steady/caller']];
  };

  const answers = () =>
    until(async () => (await system.api('GET', '/readyz')).status === 200, 30_000, 'the core to be ready again');

  for (const part of ['nats-server', 'core', 'postgres', 'agent'] as const satisfies Part[]) {
    test(`${part} is started again and a change acknowledged just before it died arrives`, async () => {
      const before = await steady();
      const killed = system.pid(part);
      const { deployment } = await put(system, 'moving', idle(part), { nodes: [node] });
      kill(killed, 'SIGKILL');
      await until(() => (system.find(part) ?? killed) !== killed, 20_000, `another ${part}`);
      await answers();
      const outcome = await until(
        async () => {
          const { body } = await system.api('GET', `/api/deployments/${deployment}`);
          return body.state === 'succeeded' || body.state === 'failed' ? body : undefined;
        },
        60_000,
        'the acknowledged change to arrive',
      );
      assert.equal(outcome.state, 'succeeded', JSON.stringify(outcome));
      const containers = await machine.engine.containers();
      assert.ok(containers.find(({ stack }) => stack === 'moving')?.environment.includes(`MARK=${part}`));
      assert.deepEqual(await steady(), before);
    });
  }

  test('a killed supervisor: the next start ends what it left, and keeps everything', async () => {
    const before = await steady();
    const supervisor = system.pid('supervisor');
    kill(supervisor, 'SIGKILL');
    await until(() => !isAlive(supervisor), 5_000, 'its end');
    assert.ok(processesOf(system.data).length > 0, 'control: something is left');
    await system.start();
    // What is left ends when it is asked to, and is not waited for until it is killed.
    assert.ok(system.readyAfterMs < 15_000, `ready after ${system.readyAfterMs} ms`);
    await onlineNode(system);
    // The node is online all the while; its agent comes a moment later.
    for (const part of ['supervisor', 'core', 'nats-server', 'agent'] as const) {
      assert.notEqual(await until(() => system.find(part), 15_000, `${part} to run`), supervisor);
    }
    const { deployment } = await put(system, 'moving', idle('after the supervisor'), { nodes: [node] });
    assert.equal((await ended(system, deployment)).state, 'succeeded');
    assert.deepEqual(await steady(), before);
  });
});
