// The door to PostgreSQL: tables made once however many start together, transactions that hold what they say.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLogger } from '#infra/logger.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import { type TestDatabase, testDatabase } from '#test/harness/postgres.ts';
import { until } from '#test/harness/until.ts';

const log = createLogger('test', 'silent');
let server: TestDatabase;
const open: Database[] = [];

async function opened(): Promise<Database> {
  const database = await openDatabase({ url: server.url, entities: [], log });
  open.push(database);
  return database;
}

before(async () => {
  server = await testDatabase();
});
after(async () => {
  await Promise.all(open.map((database) => database.close()));
  await server?.drop();
});

test('services that start together make the tables once', async () => {
  const databases = await Promise.all(Array.from({ length: 5 }, opened));
  const [database] = databases;
  assert.ok(database);
  const rows = await database.read((em) => em.execute('select name from mikro_orm_migrations order by name'));
  const names = rows.map((row) => (row as { name: string }).name);
  assert.deepEqual(names, [...new Set(names)]);
  assert.ok(names.some((name) => name.startsWith('0001')));
});

test('a second start changes nothing', async () => {
  const count = async (database: Database) =>
    database.read((em) => em.execute('select count(*) as n from mikro_orm_migrations'));
  const [first] = open;
  assert.ok(first);
  const before = await count(first);
  assert.deepEqual(await count(await opened()), before);
});

test('what throws leaves nothing', async () => {
  const database = await opened();
  const insert = `insert into dead_letter (service, stream, subject, stream_sequence, payload, reason)
    values ('audit', 's', 's', 1, '', 'r')`;
  const failing = database.transaction(async (em) => {
    await em.execute(insert, [], 'run');
    throw new Error('changed my mind');
  });
  await assert.rejects(failing, /changed my mind/);
  assert.deepEqual(await database.read((em) => em.execute('select 1 from dead_letter')), []);
});

test('transactions that deadlock are done again', async () => {
  const database = await opened();
  await database.transaction(async (em) => {
    await em.execute('create table purse (id int primary key, coins int)', [], 'run');
    await em.execute('insert into purse values (1, 0), (2, 0)', [], 'run');
  });
  const bothHold = Promise.withResolvers<void>();
  let holding = 0;
  const add = (first: number, second: number) =>
    database.transaction(async (em) => {
      await em.execute('update purse set coins = coins + 1 where id = ?', [first], 'run');
      holding += 1;
      if (holding === 2) bothHold.resolve();
      await bothHold.promise;
      await em.execute('update purse set coins = coins + 1 where id = ?', [second], 'run');
    });
  await Promise.all([add(1, 2), add(2, 1)]);
  const rows = await database.read((em) => em.execute('select coins from purse'));
  assert.deepEqual(rows, [{ coins: 2 }, { coins: 2 }]);
});

test('a notification wakes, and one that was missed wakes after the connection is back', async () => {
  const database = await opened();
  let woken = 0;
  const listening = database.listen('news', () => {
    woken += 1;
  });
  const notify = () => database.read((em) => em.execute(`notify news`, [], 'run'));
  await until(() => woken >= 1, 5_000, 'the first look');
  await notify();
  await until(() => woken >= 2, 5_000, 'a notification');
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen news'`;
  await database.read((em) => em.execute(cut));
  await until(() => woken >= 3, 10_000, 'a look after the connection broke');
  await listening.stop();
});

test('a server that is away is told as unavailable', async () => {
  const other = await testDatabase();
  const database = await openDatabase({ url: other.url, entities: [], log });
  assert.equal(await database.isReady(), true);
  await other.drop();
  await assert.rejects(
    database.read((em) => em.execute('select pg_sleep(0)')),
    (error: Error & { code?: string }) => error.code !== undefined,
  );
  assert.equal(await database.isReady(), false);
  await database.close();
});
