// JetStream is a copy: lost while the core is down, it is made again from PostgreSQL, and no container notices.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { storedDocument } from '#test/harness/credential.ts';
import { deploy, ended, onlineNode, put } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { hello, idle } from '#test/harness/stacks.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

describe('the JetStream folder is lost', () => {
  let machine: Machine;
  let system: System;
  let node: string;
  before(async () => {
    machine = await startMachine();
    system = await startSystem({ dockerHost: machine.dockerHost });
    node = (await onlineNode(system)).id;
    await deploy(system, 'hello', hello('one'), { nodes: [node] });
    await deploy(system, 'idle', idle('one'), { nodes: [node] });
  });
  after(async () => {
    await system?.stop();
    await machine?.stop();
  });

  test('documents are rebuilt from PostgreSQL and no container is touched', async () => {
    const document = await storedDocument(system, node);
    assert.ok(document, 'control: there is a document to lose');
    const containers = await machine.engine.identity();
    assert.equal(Object.keys(containers).length, 3);
    const since = Date.now();
    await system.killCore({ spareAgent: false });
    rmSync(`${system.data}/nats/jetstream`, { recursive: true });
    await system.start();
    await onlineNode(system);
    const rebuilt = await until(() => storedDocument(system, node), 10_000, 'the document in the new stream');
    assert.ok((rebuilt.generation ?? 0) >= (document.generation ?? 0), 'the generation went back');
    if (rebuilt.generation === document.generation) assert.deepEqual(rebuilt.payload, document.payload);
    await until(
      async () => {
        const { body } = await system.api('GET', `/api/nodes/${node}/status`);
        return body.desired !== null && body.observedGeneration === body.desired.generation;
      },
      15_000,
      'the node to report on the rebuilt document',
    );
    assert.deepEqual(await machine.engine.identity(), containers);
    const touched = (await machine.engine.events(since)).filter(({ Action }) =>
      /^(create|start|restart|stop|die|kill|destroy)$/.test(Action),
    );
    assert.deepEqual(touched, []);
  });

  test('control: a container that is killed and started again would have been noticed', async () => {
    const before = await machine.engine.identity();
    const victim = (await machine.engine.containers()).find(({ stack }) => stack === 'idle');
    assert.ok(victim);
    await machine.engine.kill(victim.id);
    await until(async () => (await machine.engine.running()).length === 3, 15_000, 'it to run again');
    assert.notDeepEqual(await machine.engine.identity(), before);
  });

  test('what is asked afterwards arrives', async () => {
    const { deployment } = await put(system, 'idle', idle('two'), { nodes: [node] });
    assert.equal((await ended(system, deployment)).state, 'succeeded');
    const containers = await machine.engine.containers();
    assert.ok(containers.find(({ stack }) => stack === 'idle')?.environment.includes('MARK=two'));
  });

  test('facts from before the loss are still listed', async () => {
    const { status, body } = await system.api('GET', '/api/audit?object=stacks/hello');
    assert.equal(status, 200);
    assert.ok(body.items.some(({ action }: { action: string }) => action === 'stack.put'));
  });
});
