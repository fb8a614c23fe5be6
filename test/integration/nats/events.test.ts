// Events through a real stream: once handled, in order for each node, set aside when they are none, pushed back at a cap.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { Bus, DeadLetter, Delivery } from '#infra/nats/bus.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { chainingNode } from '#test/harness/node-audit.ts';
import { until } from '#test/harness/until.ts';
import { Wire } from '#test/integration/rights/wire.ts';
import { event, fails } from './bodies.ts';

let bus: TestBus;
let registry: Bus;
before(async () => {
  bus = await startTestBus();
  [registry] = await Promise.all([bus.connect('registry')]);
});
after(() => bus.stop());

test('an event is delivered once handled: thrown at, it comes again; its position and node come with it', async () => {
  const id = newId();
  const node = await bus.connect('node', id);
  const seen: Delivery<'nodeEvent'>[] = [];
  const receiving = registry.consume('nodeEvent', {
    async handle(delivery) {
      seen.push(delivery);
      if (delivery.deliveryCount === 1) throw new Error('the database is away');
    },
    async deadLetter() {},
  });
  const position = { epoch: newId(), sequence: 3 };
  const sequence = await node.emit('nodeEvent', { node: id }, event(), { position });
  await until(() => seen.length === 2, 10_000, 'the second delivery');
  assert.deepEqual(
    seen.map((delivery) => [delivery.deliveryCount, delivery.streamSequence, delivery.parameters.node]),
    [
      [1, sequence, id],
      [2, sequence, id],
    ],
  );
  assert.deepEqual(seen[1]?.position, position);
  await receiving.stop();
  await node.close();
});

test('what is no message of the contract is set aside at once and blocks nobody', async () => {
  const id = newId();
  const wire = await Wire.open(bus.servers[0] as string, bus.ca, bus.mint('node', id));
  const letters: DeadLetter[] = [];
  const seen: string[] = [];
  const receiving = registry.consume('nodeEvent', {
    async handle({ parameters }) {
      seen.push(parameters.node);
    },
    async deadLetter(letter) {
      letters.push(letter);
    },
  });
  for (const payload of ['not json', '{"kind":"event"}', '']) wire.publish(`overseer.up.${id}.event`, { payload });
  await wire.settled();
  const node = await bus.connect('node', id);
  await node.emit('nodeEvent', { node: id }, event());
  await until(() => seen.includes(id) && letters.length === 3, 10_000, 'the good one and three letters');
  assert.equal(Buffer.from(letters[0]?.payload ?? []).toString(), 'not json');
  assert.equal(letters[0]?.subject, `overseer.up.${id}.event`);
  await receiving.stop();
  wire.close();
  await node.close();
});

test('empty messages of one node keep nothing of another from being handled', async () => {
  const [hostile, honest] = [newId(), newId()];
  const wire = await Wire.open(bus.servers[0] as string, bus.ca, bus.mint('node', hostile));
  const node = await bus.connect('node', honest);
  let handled = 0;
  let setAside = 0;
  const receiving = registry.consume('nodeEvent', {
    async handle() {
      handled += 1;
    },
    async deadLetter() {
      setAside += 1;
    },
  });
  for (let i = 0; i < 30; i++) {
    wire.publish(`overseer.up.${hostile}.event`);
    await node.emit('nodeEvent', { node: honest }, event());
  }
  // Far below ack_wait, after which what was delivered to nobody would come again.
  await until(() => handled === 30 && setAside === 30, 10_000, 'all of both');
  await receiving.stop();
  wire.close();
  await node.close();
});

test('control: in one pull for many, the server sends nothing after an empty message', async () => {
  const id = newId();
  const reader = await Wire.open(bus.servers[0] as string, bus.ca, bus.mint('registry', 'registry'));
  const writer = await Wire.open(bus.servers[0] as string, bus.ca, bus.mint('node', id));
  reader.subscribe('_INBOX.registry.pull');
  reader.subscribe('_INBOX.registry.later');
  const pull = { reply: '_INBOX.registry.pull', payload: JSON.stringify({ batch: 10, expires: 2_000_000_000 }) };
  reader.publish('$JS.API.CONSUMER.MSG.NEXT.NODE_EVENTS.registry', pull);
  for (const payload of ['first', '', 'third']) writer.publish(`overseer.up.${id}.event`, { payload });
  await writer.settled();
  const own = () => reader.heard.filter(({ subject }) => subject === `overseer.up.${id}.event`);
  await until(() => own().length === 2, 5_000, 'the first two');
  reader.publish('$JS.API.CONSUMER.MSG.NEXT.NODE_EVENTS.registry', {
    reply: '_INBOX.registry.later',
    payload: '{"batch":1,"no_wait":true}',
  });
  await until(() => reader.heard.length > 2, 5_000, 'an answer to a later pull');
  assert.deepEqual(
    own().map(({ payload }) => payload.toString()),
    ['first', ''],
  );
  for (const { reply } of own()) if (reply) reader.publish(reply, { payload: '+TERM' });
  await reader.settled();
  reader.close();
  writer.close();
});

test('messages of one node are handled in their order, those of others side by side', async () => {
  const [slow, quick] = [newId(), newId()];
  const nodes = await Promise.all([bus.connect('node', slow), bus.connect('node', quick)]);
  const order: string[] = [];
  const held = Promise.withResolvers<void>();
  const receiving = registry.consume('nodeEvent', {
    async handle({ parameters, position }) {
      if (parameters.node === slow && position?.sequence === 1) await held.promise;
      order.push(`${parameters.node === slow ? 'slow' : 'quick'} ${position?.sequence}`);
    },
    async deadLetter() {},
  });
  const epoch = newId();
  for (const sequence of [1, 2, 3]) {
    for (const [index, id] of [slow, quick].entries()) {
      await nodes[index]?.emit('nodeEvent', { node: id }, event(), { position: { epoch, sequence } });
    }
  }
  await until(() => order.length === 3, 10_000, 'the quick node to be done');
  held.resolve();
  await until(() => order.length === 6, 10_000, 'the slow node to be done');
  assert.deepEqual(order, ['quick 1', 'quick 2', 'quick 3', 'slow 1', 'slow 2', 'slow 3']);
  await receiving.stop();
  await Promise.all(nodes.map((node) => node.close()));
});

test('a node that reaches its cap is told so, and can go on when its messages were taken', async () => {
  const id = newId();
  const node = await bus.connect('node', id);
  const chain = chainingNode(id);
  const audit = () => node.emit('nodeAudit', { node: id }, chain.next());
  const settled = await Promise.allSettled(Array.from({ length: 300 }, audit));
  const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (refused.some((error) => !fails('rate-limited')(error))) throw refused.find((e) => !fails('rate-limited')(e));
  assert.equal(refused.length, 300 - 256);
  const service = await bus.connect('audit');
  let taken = 0;
  const receiving = service.consume('nodeAudit', {
    async handle() {
      taken += 1;
    },
    async deadLetter() {},
  });
  await until(() => taken === 256, 20_000, 'all to be taken');
  await until(() => audit().then(() => true), 5_000, 'room for one more');
  await receiving.stop();
  await service.close();
  await node.close();
});
