// PostgreSQL is killed and comes back: callers are told that it is away, listeners and relays go on by themselves, and
// what was committed is there.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { type EmbeddedPostgres, startPostgres } from '#infra/postgres/embedded.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import { enqueue, startRelay } from '#infra/postgres/outbox.ts';
import { isAlive } from '#infra/process/group.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';
import { eventOf, log, storedEvents } from './outbox-fixture.ts';

/** With the transactions of each round more than the pool has connections: none may be lost to it. */
const ROUNDS = 3;
const OPEN_TRANSACTIONS = 4;

let folder: string;
let server: EmbeddedPostgres;
let database: Database;
let nats: TestBus;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ovs-pg-'));
  server = await startPostgres(folder);
  process.once('SIGTERM', () => process.exit(1));
  process.on('exit', () => isAlive(server.pid) && process.kill(server.pid, 'SIGQUIT'));
  database = await openDatabase({ url: server.url, entities: [], log });
  nats = await startTestBus();
});
after(async () => {
  await nats?.stop();
  await database?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function owe(node: string, number: number): Promise<string> {
  const body = eventOf(node, number);
  const event = { service: 'registry', message: 'nodeFact', parameters: { node, fact: 'updated' }, body } as const;
  return database.transaction((em) => enqueue(em, event)).then(() => body.id);
}

test(`killed ${ROUNDS} times while rows are written: every committed one arrives`, async () => {
  const relay = startRelay({ database, bus: await nats.connect('registry'), service: 'registry', log });
  const gateway = await nats.connect('gateway');
  const node = newId();
  const committed: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let refusal: { code?: string } | null = null;
    let isKilled = false;
    const open = Array.from({ length: OPEN_TRANSACTIONS }, () =>
      database.transaction((em) => em.execute('select pg_sleep(60)')),
    );
    const ended = Promise.allSettled(open);
    const writing = (async () => {
      for (let number = 0; refusal === null; number++) {
        if (number === 20) {
          process.kill(server.pid, 'SIGKILL');
          isKilled = true;
        }
        await owe(node, number).then(
          (id) => committed.push(id),
          (error: { code?: string }) => {
            refusal = error;
          },
        );
      }
    })();
    await writing;
    assert.ok(isKilled);
    assert.equal((refusal as { code?: string } | null)?.code, 'unavailable');
    assert.ok((await ended).every(({ status }) => status === 'rejected'));
    await until(() => !isAlive(server.pid), 10_000, 'the server to be gone');
    server = await until(() => startPostgres(folder), 60_000, 'the server to be back');
    committed.push(await until(() => owe(node, 1000), 10_000, 'a write after the outage'));
  }
  const found = await until(
    async () => {
      const ids = new Set((await storedEvents(gateway)).map(({ id }) => id));
      return committed.every((id) => ids.has(id)) ? ids : null;
    },
    30_000,
    'all committed events',
  );
  assert.ok(found.size >= committed.length);
  await relay.stop();
});
