// Requests and answers on a real server: queues, every promised failure, commands.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';
import { Wire } from '#test/integration/rights/wire.ts';
import { by, fails } from './bodies.ts';

let bus: TestBus;
let registry: Bus;
let scheduler: Bus;
let gateway: Bus;
before(async () => {
  bus = await startTestBus();
  [registry, scheduler, gateway] = await Promise.all([
    bus.connect('registry'),
    bus.connect('scheduler'),
    bus.connect('gateway'),
  ]);
});
after(() => bus.stop());

test('a request is answered by the one replica that took it', async () => {
  const other = await bus.connect('registry');
  const seen: string[] = [];
  const serve = (at: Bus, name: string) =>
    at.serve('getNode', async ({ id }) => {
      seen.push(name);
      throw new OverseerError('node-not-found', `no node ${id}`, { fields: { id } });
    });
  const servers = [serve(registry, 'one'), serve(other, 'two')];
  await Promise.all([registry.flush(), other.flush()]);
  const id = newId();
  for (let i = 0; i < 40; i++) {
    await assert.rejects(gateway.request('getNode', {}, { id }), (error) => {
      assert.ok(error instanceof OverseerError);
      assert.deepEqual([error.code, error.message, error.fields], ['node-not-found', `no node ${id}`, { id }]);
      return true;
    });
  }
  assert.equal(seen.length, 40);
  assert.deepEqual([...new Set(seen)].sort(), ['one', 'two']);
  await Promise.all(servers.map((server) => server.stop()));
  await other.close();
});

test('nobody there: unavailable at once; slow: timeout; unexpected: internal without its words', async () => {
  const began = performance.now();
  await assert.rejects(gateway.request('registryStatus', {}, {}), fails('unavailable'));
  assert.ok(performance.now() - began < 2_000);
  const slow = registry.serve('registryStatus', () => new Promise(() => {}));
  await registry.flush();
  await assert.rejects(gateway.request('registryStatus', {}, {}, { timeoutMs: 200 }), fails('timeout'));
  void slow.stop();
  const broken = registry.serve('listEnrollmentTokens', async () => {
    throw new Error('password is hunter2');
  });
  await registry.flush();
  await assert.rejects(gateway.request('listEnrollmentTokens', {}, {}), (error) => {
    assert.ok(fails('internal')(error) && !(error as Error).message.includes('hunter2'));
    return true;
  });
  await broken.stop();
});

test('stopping a server waits for the answer it owes', async () => {
  const answer = Promise.withResolvers<void>();
  const server = registry.serve('revokeEnrollmentToken', async () => {
    await answer.promise;
    return {};
  });
  await registry.flush();
  const asked = gateway.request('revokeEnrollmentToken', {}, { by, id: newId() });
  await gateway.flush();
  await registry.flush();
  let isStopped = false;
  const stopped = server.stop().then(() => {
    isStopped = true;
  });
  assert.equal(isStopped, false);
  answer.resolve();
  assert.deepEqual(await asked, {});
  await stopped;
});

test('a body that does not match is refused with a reason, counted, and never reaches the handler', async () => {
  let handled = 0;
  const server = registry.serve('removeNode', async () => {
    handled += 1;
    return {};
  });
  await registry.flush();
  const wire = await Wire.open(bus.servers[0] as string, bus.ca, bus.mint('gateway', 'gateway'));
  wire.subscribe('_INBOX.gateway.>');
  const bodies = ['', '{', 'null', '[]', '{"id":"../etc"}', JSON.stringify({ by, id: newId(), more: 1 })];
  for (const payload of bodies) {
    wire.publish('overseer.int.registry.remove-node', { payload, reply: '_INBOX.gateway.x' });
  }
  await until(() => wire.heard.length === bodies.length, 5_000, 'an answer to each');
  for (const { payload } of wire.heard) assert.match(payload.toString(), /removeNode/);
  assert.equal(handled, 0);
  wire.close();
  await server.stop();
});

test('a command reaches one boot of one node, with a reply that the server made', async () => {
  const id = newId();
  const nonce = newId();
  const node = await bus.connect('node', id);
  const replies: string[] = [];
  node.serve(
    'refresh',
    async (_, { replyTo }) => {
      replies.push(replyTo);
      return { kind: 'command-answer', accepted: true };
    },
    { node: id, nonce },
  );
  await node.flush();
  const command = { kind: 'command', id: newId(), node: id, verb: 'refresh', signature: 'x' } as const;
  const input = { ...command, expiresAt: new Date().toISOString() };
  const answer = await scheduler.request('refresh', { node: id, nonce }, input);
  assert.deepEqual(answer, { kind: 'command-answer', accepted: true });
  assert.match(replies.join(), /^_R_\./);
  await assert.rejects(scheduler.request('refresh', { node: id, nonce: newId() }, input), fails('unavailable'));
  await node.close();
});
