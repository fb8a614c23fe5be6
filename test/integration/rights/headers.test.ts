// Headers by which a sender changes what is stored: refused for a node and a reader, or without effect on anybody else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { withProvisioner } from '#infra/nats/provision.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';
import { A, B, open, seed, storeDigest } from './stage.ts';

let bus: TestBus;
before(async () => {
  bus = await startTestBus();
  await seed(bus);
});
after(() => bus.stop());

const HEADERS: Readonly<Record<string, string>>[] = [
  { 'Nats-Rollup': 'all' },
  { 'Nats-Rollup': 'sub' },
  { 'Nats-TTL': '1s' },
  { 'Nats-Incr': '+1' },
  { 'Nats-Schedule': '@every 1s', 'Nats-Schedule-Target': `overseer.up.${B}.report` },
  { 'Nats-Schedule-Next': 'purge', 'Nats-Scheduler': `overseer.up.${B}.report` },
  { 'Nats-Batch-Id': 'x', 'Nats-Batch-Sequence': '1', 'Nats-Batch-Commit': '1' },
  { 'Nats-Expected-Stream': 'DESIRED' },
  { 'Nats-Expected-Last-Sequence': '12345' },
  {
    'Nats-Expected-Last-Subject-Sequence': '1',
    'Nats-Expected-Last-Subject-Sequence-Subject': `overseer.up.${B}.report`,
  },
  { 'Nats-Expected-Last-Msg-Id': 'x' },
  { 'Nats-Trace-Dest': `overseer.push.${B}` },
  { 'Nats-Trace-Dest': '$JS.API.STREAM.PURGE.DESIRED', 'Nats-Trace-Only': 'true' },
  { 'Nats-Marker-Reason': 'Purge' },
  { 'KV-Operation': 'PURGE' },
];

test('nothing of anybody else changes, whatever headers a node sends with what it may store', async () => {
  const isOthers = (line: string) =>
    !line.startsWith(`message overseer.up.${A}`) && !line.startsWith(`message overseer.log.${A}`);
  const first = (await storeDigest(bus)).filter(isOthers);
  const wire = await open(bus, { principal: 'node', name: A });
  wire.subscribe(`_INBOX.${A}.>`);
  for (const kind of ['event', 'report', 'audit']) {
    for (const headers of HEADERS) {
      wire.publish(`overseer.up.${A}.${kind}`, { headers, payload: 'x', reply: `_INBOX.${A}.own` });
      await wire.settled();
    }
  }
  // A last plain message: its acknowledgement comes after all those before.
  const count = wire.heard.length;
  wire.publish(`overseer.up.${A}.report`, { payload: 'last', reply: `_INBOX.${A}.last` });
  await until(() => wire.heard.some(({ subject }) => subject.endsWith('.last')), 5_000, 'the last acknowledgement');
  assert.ok(count >= 0 && !wire.isClosed);
  assert.deepEqual((await storeDigest(bus)).filter(isOthers), first);
  wire.close();
});

test('rolling up, expiring, counting, scheduling and batching are refused', async () => {
  const wire = await open(bus, { principal: 'node', name: A });
  wire.subscribe(`_INBOX.${A}.>`);
  const refused = HEADERS.filter((headers) =>
    ['Nats-Rollup', 'Nats-TTL', 'Nats-Incr', 'Nats-Schedule', 'Nats-Expected-Stream'].some((name) => name in headers),
  );
  for (const [index, headers] of refused.entries()) {
    wire.publish(`overseer.up.${A}.report`, { headers, payload: '1', reply: `_INBOX.${A}.${index}` });
  }
  await until(() => wire.heard.length >= refused.length, 5_000, 'an answer to each');
  for (const { subject, payload } of wire.heard) {
    const { error } = JSON.parse(payload.toString());
    assert.ok(error, `${JSON.stringify(refused[Number(subject.split('.').at(-1))])} was stored: ${payload}`);
  }
  wire.close();
});

test('a message id that A used first costs B nothing: what we send has none', async () => {
  const attacker = await open(bus, { principal: 'node', name: A });
  const node = await bus.connect('node', B);
  const epoch = newId();
  for (let sequence = 0; sequence < 5; sequence++) {
    for (const id of [`${epoch}:${sequence}`, `${epoch}-${sequence}`, `${B}.${epoch}.${sequence}`, String(sequence)]) {
      attacker.publish(`overseer.up.${A}.event`, { headers: { 'Nats-Msg-Id': id }, payload: 'x' });
    }
    await attacker.settled();
    const body = {
      kind: 'event' as const,
      at: new Date().toISOString(),
      bootId: newId(),
      body: { type: 'agent.started' as const, version: '1' },
    };
    const stored = await node.emit('nodeEvent', { node: B }, body, { position: { epoch, sequence } });
    await withProvisioner(bus, async ({ streams }) => {
      const message = await streams.getMessage('NODE_EVENTS', { seq: stored });
      assert.equal(message?.subject, `overseer.up.${B}.event`);
      assert.deepEqual(
        message?.header.keys().filter((name) => name.startsWith('Nats-')),
        [],
      );
    });
  }
  attacker.close();
});

test('control: the server does drop a message whose id was used before', async () => {
  const wire = await open(bus, { principal: 'node', name: A });
  wire.subscribe(`_INBOX.${A}.>`);
  for (const payload of ['first', 'second']) {
    wire.publish(`overseer.up.${A}.report`, { headers: { 'Nats-Msg-Id': 'same' }, payload, reply: `_INBOX.${A}.x` });
  }
  await until(() => wire.heard.length === 2, 5_000, 'both acknowledgements');
  assert.equal(JSON.parse(wire.heard[1]?.payload.toString() ?? '{}').duplicate, true);
  wire.close();
});

test("a node that fills its own cap is pushed back alone; its neighbour's messages are stored", async () => {
  const flood = await open(bus, { principal: 'node', name: A });
  flood.subscribe(`_INBOX.${A}.>`);
  for (let i = 0; i < 100; i++) flood.publish(`overseer.log.${A}`, { payload: 'x', reply: `_INBOX.${A}.${i}` });
  const node = await open(bus, { principal: 'node', name: B });
  node.subscribe(`_INBOX.${B}.>`);
  node.publish(`overseer.log.${B}`, { payload: 'mine', reply: `_INBOX.${B}.x` });
  await until(() => flood.heard.length === 100 && node.heard.length === 1, 10_000, 'all acknowledgements');
  const codes = flood.heard.map(({ payload }) => JSON.parse(payload.toString()).error?.err_code);
  assert.ok(codes.filter((code) => code === 10077).length >= 36, JSON.stringify(codes));
  assert.ok(JSON.parse(node.heard[0]?.payload.toString() ?? '{}').seq > 0);
  flood.close();
  node.close();
});
