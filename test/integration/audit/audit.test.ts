// The audit service on a real bus and database: every record once, newest first, and nobody changes one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { coreConfig } from '#infra/config.ts';
import { newHealth } from '#infra/health.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus, Stoppable } from '#infra/nats/bus.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import { startAudit } from '#services/audit/main.ts';
import { auditEntities } from '#services/audit/store/entities.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { type TestDatabase, testDatabase } from '#test/harness/postgres.ts';
import { until } from '#test/harness/until.ts';

const log = createLogger('test', process.env['TEST_LOG'] ?? 'silent');
const SOON_MS = 15_000;

let nats: TestBus;
let server: TestDatabase;
let database: Database;
let audit: Stoppable;
let gateway: Bus;

before(async () => {
  server = await testDatabase();
  nats = await startTestBus();
  database = await openDatabase({ url: server.url, entities: auditEntities, log });
  const config = coreConfig({ OVERSEER_DATA: nats.data, OVERSEER_NATS: nats.servers[0] ?? '' });
  const bus = await nats.connect('audit');
  audit = await startAudit({ bus, log, database, data: nats.data, config, version: '0.0.0', health: newHealth() });
  await bus.flush();
  gateway = await nats.connect('gateway');
});
after(async () => {
  await audit?.stop();
  await nats?.stop();
  await database?.close();
  await server?.drop();
});

function recordOf(object: string, action = 'stack.put'): AuditRecord {
  return {
    ...{ kind: 'audit', id: newId(), at: new Date().toISOString(), action, object, outcome: 'accepted', code: null },
    actor: { kind: 'operator', id: 'admin', requestId: newId() },
    detail: { revision: 1, note: 'it’s; drop table', none: null },
  };
}

const emit = (record: AuditRecord) => gateway.emit('auditRecord', { service: 'gateway' }, record);
const list = (input: object) => gateway.request('listAudit', {}, input);
const untilKept = (object: string, count: number) =>
  until(async () => (await list({ object, limit: 1000 })).items.length >= count, SOON_MS, `${count} of ${object}`);

test('a record is kept once however often it comes, with the source that the bus enforced', async () => {
  const record = recordOf('stacks/once');
  for (let time = 0; time < 3; time++) await emit(record);
  await emit(recordOf('stacks/after'));
  await untilKept('stacks/after', 1);
  const { items } = await list({ object: 'stacks/once' });
  assert.equal(items.length, 1);
  const { sequence, source, ...kept } = items[0] ?? {};
  assert.deepEqual(kept, record);
  assert.equal(source, 'gateway');
  assert.equal(typeof sequence, 'number');
});

test("a node's record stands under the node's name", async () => {
  const node = newId();
  const agent = await nats.connect('node', node);
  const record = recordOf(`stacks/of-${node}`);
  await agent.emit('nodeAudit', { node }, record, { position: { epoch: newId(), sequence: 1 } });
  await untilKept(record.object, 1);
  assert.equal((await list({ object: record.object })).items[0]?.source, node);
});

test('newest first, in pages that meet without a gap, by action too', async () => {
  for (let number = 0; number < 7; number++) await emit(recordOf('stacks/many', 'stack.remove'));
  await untilKept('stacks/many', 7);
  const sequences: number[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: { sequence: number }[]; nextCursor: string | null } = await list({
      ...{ object: 'stacks/many', action: 'stack.remove', limit: 3 },
      ...(cursor === null ? {} : { cursor }),
    });
    sequences.push(...page.items.map(({ sequence }) => sequence));
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.equal(sequences.length, 7);
  assert.deepEqual(
    sequences,
    sequences.toSorted((a, b) => b - a),
  );
  await assert.rejects(list({ cursor: 'nonsense' }), { code: 'invalid-input' });
});

test('the database refuses to change, remove or empty, even to a session that silences triggers', async () => {
  await emit(recordOf('stacks/guarded'));
  await untilKept('stacks/guarded', 1);
  const before = await list({ limit: 1000 });
  const attempts = [
    `update audit_records set outcome = 'refused'`,
    'delete from audit_records',
    'truncate audit_records',
  ];
  for (const attempt of attempts) {
    for (const prelude of ['', 'set local session_replication_role = replica']) {
      const attacking = database.transaction(async (em) => {
        if (prelude !== '') await em.execute(prelude, [], 'run');
        await em.execute(attempt, [], 'run');
      });
      await assert.rejects(attacking, /only ever added/, `${prelude} ${attempt}`);
    }
  }
  assert.deepEqual(await list({ limit: 1000 }), before);
});

test('control: an ordinary trigger would have been silenced', async () => {
  const rows = await database
    .transaction(async (em) => {
      await em.execute('alter table audit_records enable trigger audit_refuse_change', [], 'run');
      await em.execute('set local session_replication_role = replica', [], 'run');
      await em.execute('delete from audit_records', [], 'run');
      const left = await em.execute<{ n: string }[]>('select count(*) as n from audit_records');
      throw Object.assign(new Error('rolled back'), { left });
    })
    .catch((error: Error & { left?: { n: string }[] }) => error.left);
  assert.equal(Number(rows?.[0]?.n), 0);
  assert.ok((await list({})).items.length > 0, 'the control was rolled back');
});

test('the status counts what is kept', async () => {
  const before = (await gateway.request('auditStatus', {}, {})).counts['records'] ?? 0;
  await emit(recordOf('stacks/last'));
  await untilKept('stacks/last', 1);
  const after = await gateway.request('auditStatus', {}, {});
  assert.equal(after.service, 'audit');
  assert.equal(after.counts['records'], before + 1);
});
