// State, live views and history on a real server, and what a killed server means to everybody.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { Bus, LiveMessage } from '#infra/nats/bus.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';
import { auditRecord, fact, fails } from './bodies.ts';

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

test('state: compare-and-set, whole bytes back, nothing where nothing was written', async () => {
  const id = newId();
  const node = await bus.connect('node', id);
  assert.equal(await node.read('desired', { node: id }), null);
  const payload = Buffer.from([0, 255, 13, 10, 7]);
  const first = await scheduler.put('desired', { node: id }, payload, { expectedSequence: 0, generation: 4 });
  const stored = await node.read('desired', { node: id });
  assert.deepEqual(
    [Buffer.from(stored?.payload ?? []), stored?.streamSequence, stored?.generation],
    [payload, first, 4],
  );
  const stale = scheduler.put('desired', { node: id }, payload, { expectedSequence: first + 1, generation: 5 });
  await assert.rejects(stale, fails('conflict'));
  await assert.rejects(node.read('desired', { node: newId() }), fails('forbidden'));
  const large = Buffer.alloc(600 * 1024);
  await assert.rejects(
    scheduler.put('desired', { node: id }, large, { expectedSequence: first, generation: 5 }),
    fails('too-large'),
  );
  await node.close();
});

test('live and history: every replica hears each fact once, and pages read back what was', async () => {
  const second = await bus.connect('gateway');
  const live: LiveMessage[][] = [[], []];
  const followers = [gateway, second].map((at, index) => at.follow('EVENTS', (message) => live[index]?.push(message)));
  await Promise.all([gateway.flush(), second.flush()]);
  const { lastSequence } = await gateway.history('EVENTS', 1, 1);
  const node = newId();
  const sequences: number[] = [];
  // More than one page.
  for (let i = 0; i < 300; i++) sequences.push(await registry.emit('nodeFact', { node, fact: 'online' }, fact(node)));
  await until(() => live.every((heard) => heard.length === 300), 10_000, 'both replicas to hear all');
  for (const heard of live)
    assert.deepEqual(
      heard.map(({ streamSequence }) => streamSequence),
      sequences,
    );
  assert.deepEqual(live[0]?.[0]?.parameters, { node, fact: 'online' });
  const past = await gateway.history('EVENTS', lastSequence + 1, 1_000);
  assert.deepEqual(
    past.messages.map(({ streamSequence }) => streamSequence),
    sequences,
  );
  assert.equal(past.lastSequence, sequences.at(-1));
  const page = await gateway.history('EVENTS', lastSequence + 1, 10);
  assert.deepEqual([page.messages.length, page.lastSequence], [10, sequences.at(-1)]);
  const beyond = await gateway.history('EVENTS', 1_000_000, 10);
  assert.deepEqual(beyond, { messages: [], lastSequence: sequences.at(-1) });
  await Promise.all(followers.map((follower) => follower.stop()));
  await second.close();
});

test('audit records are heard live too', async () => {
  const heard: LiveMessage[] = [];
  const follower = gateway.follow('AUDIT', (message) => heard.push(message));
  await gateway.flush();
  const record = auditRecord();
  const sequence = await scheduler.emit('auditRecord', { service: 'scheduler' }, record);
  await until(() => heard.length === 1, 5_000, 'the record');
  assert.deepEqual([heard[0]?.streamSequence, heard[0]?.parameters], [sequence, { service: 'scheduler' }]);
  assert.equal((await gateway.history('AUDIT', 1, 10)).messages.length, 1);
  await follower.stop();
});

test('a killed server: callers are told at once, everybody comes back, nothing acknowledged is lost', async () => {
  const id = newId();
  const node = await bus.connect('node', id);
  const seen = new Set<number>();
  const receiving = scheduler.consume('nodeFact', {
    async handle({ streamSequence }) {
      seen.add(streamSequence);
    },
    async deadLetter() {},
  });
  const pushed: string[] = [];
  node.watch('desired', { node: id }, (payload) => pushed.push(Buffer.from(payload).toString()));
  await node.flush();
  const acknowledged = [await registry.emit('nodeFact', { node: id, fact: 'online' }, fact(id))];
  await bus.kill();
  await until(() => !registry.isConnected, 5_000, 'the break to be noticed');
  const began = performance.now();
  await assert.rejects(registry.emit('nodeFact', { node: id, fact: 'online' }, fact(id)), fails('unavailable'));
  assert.ok(performance.now() - began < 100);
  // A compare-and-set write begun meanwhile waits for the server within its time.
  const writing = scheduler.put('desired', { node: id }, Buffer.from('late'), {
    expectedSequence: 0,
    generation: 1,
    timeoutMs: 20_000,
  });
  await bus.restart();
  await writing;
  await until(() => [registry, scheduler, node].every((each) => each.isConnected), 15_000, 'all to be back');
  await until(
    async () => acknowledged.push(await registry.emit('nodeFact', { node: id, fact: 'online' }, fact(id))) > 0,
    15_000,
    'emitting to work again',
  );
  await until(() => acknowledged.every((sequence) => seen.has(sequence)), 20_000, 'all acknowledged to be received');
  assert.equal(Buffer.from((await node.read('desired', { node: id }))?.payload ?? []).toString(), 'late');
  await receiving.stop();
  await node.close();
});
