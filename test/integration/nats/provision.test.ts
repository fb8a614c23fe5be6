// Streams of a real server made equal to the contract, and what is refused.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { withProvisioner } from '#infra/nats/provision.ts';
import { vault } from '#infra/nats/vault.ts';
import { streamPlans } from '#subjects/streams.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';

let bus: TestBus;
before(async () => {
  bus = await startTestBus();
});
after(() => bus.stop());

async function provisioned(): Promise<string[]> {
  const lines: string[] = [];
  await bus.provision((line) => lines.push(line));
  return lines;
}

test('once made, nothing differs', async () => assert.deepEqual(await provisioned(), []));

test('every durable of the contract is there, pull, explicit, with its filters', async () => {
  await withProvisioner(bus, async ({ consumers }) => {
    for (const plan of streamPlans()) {
      const found: string[] = [];
      for await (const { name, config } of consumers.list(plan.name)) {
        found.push(name);
        assert.equal(config.deliver_subject, undefined);
        assert.equal(config.ack_policy, 'explicit');
        assert.equal(config.max_deliver, -1);
        const filters = plan.durables.find((durable) => durable.name === name)?.filters;
        assert.deepEqual(config.filter_subjects ?? [config.filter_subject], filters);
      }
      assert.deepEqual(found.sort(), plan.durables.map(({ name }) => name).sort());
    }
  });
});

test('what drifted is brought back and told', async () => {
  await withProvisioner(bus, async ({ streams, consumers }) => {
    await streams.update('NODE_LOGS', { max_bytes: 1024 ** 2 });
    await consumers.update('NODE_LOGS', 'logs', { max_ack_pending: 7 });
    await consumers.delete('AUDIT', 'audit');
  });
  assert.deepEqual(await provisioned(), [
    'stream NODE_LOGS: max_bytes from 1048576 to 1073741824',
    'durable NODE_LOGS.logs: max_ack_pending from 7 to 256',
    'durable AUDIT.audit: made',
  ]);
  assert.deepEqual(await provisioned(), []);
});

test('a change that would lose messages is refused and nothing is changed', async () => {
  const subjects = ['overseer.log.*', 'overseer.old.*'];
  await withProvisioner(bus, ({ streams }) => streams.update('NODE_LOGS', { subjects, max_bytes: 2 * 1024 ** 3 }));
  await assert.rejects(bus.provision(), /NODE_LOGS can't be changed without loss.*overseer\.old\.\*.*max_bytes/);
  await withProvisioner(bus, async ({ streams }) => {
    assert.deepEqual((await streams.info('NODE_LOGS')).config.subjects, subjects);
    await streams.update('NODE_LOGS', { subjects: ['overseer.log.*'], max_bytes: 1024 ** 3 });
  });
  assert.deepEqual(await provisioned(), []);
});

test('after the loss of the JetStream directory all is made anew', async () => {
  await bus.kill();
  rmSync(vault(bus.data).jetstream, { recursive: true });
  await bus.restart();
  const lines = await provisioned();
  const expected = streamPlans().flatMap((plan) => [
    `stream ${plan.name}: made`,
    ...plan.durables.map(({ name }) => `durable ${plan.name}.${name}: made`),
  ]);
  assert.deepEqual(lines, expected);
});
