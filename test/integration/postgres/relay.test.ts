// The outbox and its relay on a real bus: nothing without its transaction, order per subject, states by generation.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { enqueue, startRelay } from '#infra/postgres/outbox.ts';
import { until } from '#test/harness/until.ts';
import { eventOf, log, type OutboxFixture, outboxFixture, storedEvents } from './outbox-fixture.ts';

let fixture: OutboxFixture;
let registry: Bus;
let scheduler: Bus;

before(async () => {
  fixture = await outboxFixture();
  [registry, scheduler] = await Promise.all([fixture.nats.connect('registry'), fixture.nats.connect('scheduler')]);
});
after(() => fixture?.stop());

const relayOf = (bus: Bus, service: 'registry' | 'scheduler') =>
  startRelay({ database: fixture.database, bus, service, log });
const stored = (node: string) => scheduler.read('desired', { node });

test('a row belongs into a transaction, and its body must match the contract', async () => {
  const node = newId();
  const parameters = { node, fact: 'updated' };
  const event = { service: 'registry', message: 'nodeFact', parameters, body: eventOf(node, 1) } as const;
  await assert.rejects(enqueue(fixture.database.em(), event), { code: 'internal' });
  const broken = { ...event, body: { ...event.body, type: 'nonsense' } };
  await assert.rejects(
    fixture.database.transaction((em) => enqueue(em, broken)),
    { code: 'invalid-input' },
  );
  const elsewhere = { ...event, parameters: { node: 'not-an-id', fact: 'updated' } };
  await assert.rejects(
    fixture.database.transaction((em) => enqueue(em, elsewhere)),
    { code: 'invalid-name' },
  );
  assert.equal(await fixture.owed(), 0);
});

test('what was rolled back is never sent', async () => {
  const node = newId();
  const body = eventOf(node, 1);
  const parameters = { node, fact: 'updated' };
  const failing = fixture.database.transaction(async (em) => {
    await enqueue(em, { service: 'registry', message: 'nodeFact', parameters, body });
    throw new Error('no');
  });
  await assert.rejects(failing);
  const relay = relayOf(registry, 'registry');
  const kept = await fixture.owe(node, 2);
  await fixture.untilNothingIsOwed();
  await relay.stop();
  const ids = (await storedEvents(fixture.gateway)).map(({ id }) => id);
  assert.ok(ids.includes(kept));
  assert.ok(!ids.includes(body.id));
});

test('three relays of one service keep the order of each subject and send nothing twice', async () => {
  const nodes = Array.from({ length: 5 }, newId);
  const buses = [registry, await fixture.nats.connect('registry'), await fixture.nats.connect('registry')];
  const relays = buses.map((bus) => relayOf(bus, 'registry'));
  await Promise.all(
    nodes.map(async (node) => {
      for (let number = 0; number < 60; number++) await fixture.owe(node, number);
    }),
  );
  await fixture.untilNothingIsOwed();
  await Promise.all(relays.map((relay) => relay.stop()));
  const events = await storedEvents(fixture.gateway);
  for (const node of nodes) {
    const numbers = events.filter(({ subject }) => subject === `nodes/${node}`).map(({ data }) => data['number']);
    assert.deepEqual(
      numbers,
      Array.from({ length: 60 }, (_, number) => number),
    );
  }
});

test('of several states of one node only the newest is written', async () => {
  const node = newId();
  for (const generation of [3, 5, 4]) await fixture.oweState(node, generation);
  const relay = relayOf(scheduler, 'scheduler');
  await fixture.untilNothingIsOwed();
  assert.equal((await stored(node))?.generation, 5);
  const rows = await fixture.database.read((em) =>
    em.execute(`select generation, outcome from outbox where parameters->>'node' = ? order by generation`, [node]),
  );
  assert.deepEqual(rows, [
    { generation: '3', outcome: 'superseded' },
    { generation: '4', outcome: 'superseded' },
    { generation: '5', outcome: 'sent' },
  ]);
  await fixture.oweState(node, 4);
  await fixture.untilNothingIsOwed();
  assert.equal((await stored(node))?.generation, 5, 'an older one never overwrites');
  await relay.stop();
});

test('a state that somebody else writes meanwhile is read again', async () => {
  const node = newId();
  await scheduler.put('desired', { node }, Buffer.from('document 1'), { expectedSequence: 0, generation: 1 });
  let interfered = false;
  const interfering: Bus = {
    ...scheduler,
    isConnected: true,
    async put(name, parameters, payload, options) {
      if (!interfered) {
        interfered = true;
        await scheduler.put(name, parameters, Buffer.from('document 2'), { ...options, generation: 2 });
      }
      return scheduler.put(name, parameters, payload, options);
    },
  };
  await fixture.oweState(node, 3);
  const relay = relayOf(interfering, 'scheduler');
  await fixture.untilNothingIsOwed();
  await relay.stop();
  assert.ok(interfered);
  assert.equal((await stored(node))?.generation, 3);
});

test('a row that can never be sent is kept aside and does not hold up the next', async () => {
  const node = newId();
  await fixture.database.transaction((em) =>
    em.execute(
      `insert into outbox (service, kind, message, parameters, lane, body)
       values ('registry', 'event', 'nodeFact', ?::jsonb, ?, '{"old": "form"}')`,
      [JSON.stringify({ node, fact: 'updated' }), `lane of ${node}`],
      'run',
    ),
  );
  const relay = relayOf(registry, 'registry');
  await fixture.owe(node, 1);
  await fixture.untilNothingIsOwed();
  await relay.stop();
  const refused = await fixture.database.read((em) => em.execute(`select 1 from outbox where outcome = 'refused'`));
  assert.equal(refused.length, 1);
});

test('with the bus gone nothing is lost, and it is sent when the bus is back', async () => {
  const relay = relayOf(registry, 'registry');
  const node = newId();
  await fixture.nats.kill();
  const ids = await Promise.all([1, 2, 3].map((number) => fixture.owe(node, number)));
  assert.ok((await fixture.owed()) >= 3);
  await fixture.nats.restart();
  await fixture.untilNothingIsOwed();
  await relay.stop();
  await until(() => fixture.gateway.isConnected, 20_000, 'the reader to be back');
  const found = new Set((await storedEvents(fixture.gateway)).map(({ id }) => id));
  for (const id of ids) assert.ok(found.has(id));
});

test('an emptied stream takes the same generation again', async () => {
  const relay = relayOf(scheduler, 'scheduler');
  const node = newId();
  await fixture.oweState(node, 7);
  await fixture.untilNothingIsOwed();
  await fixture.nats.kill();
  rmSync(join(fixture.nats.data, 'nats', 'jetstream'), { recursive: true, force: true });
  await fixture.nats.restart();
  await fixture.nats.provision();
  await until(async () => (await stored(node)) === null, 20_000, 'an emptied stream');
  await fixture.oweState(node, 7);
  await fixture.untilNothingIsOwed();
  const found = await stored(node);
  assert.equal(found?.generation, 7);
  assert.equal(Buffer.from(found?.payload ?? []).toString(), 'document 7');
  await relay.stop();
});
