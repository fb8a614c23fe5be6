// Chains under many writers, and what a node's own chain shows when it is not in order.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { openDatabase } from '#infra/postgres/orm.ts';
import { newSigningKey } from '#infra/signing/ed25519.ts';
import { type Appending, startAppending } from '#services/audit/appending.ts';
import { nextRow } from '#services/audit/received.ts';
import { signerOf } from '#services/audit/signer.ts';
import { addRows } from '#services/audit/store/chain.ts';
import { auditEntities, DATABASE_ROLE } from '#services/audit/store/entities.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';
import { type Trail, trailRecord, verifyTrail } from '#test/harness/audit-trail.ts';
import { type ChainingNode, chainingNode } from '#test/harness/node-audit.ts';
import { type TestDatabase, testDatabase } from '#test/harness/postgres.ts';
import { log } from './stage.ts';

let server: TestDatabase;
let trail: Trail;
let appending: Appending;
before(async () => {
  server = await testDatabase();
  const database = await openDatabase({ url: server.url, entities: auditEntities, log, role: DATABASE_ROLE });
  trail = { database, signer: signerOf(newSigningKey()) };
  appending = startAppending({ ...trail, now: () => new Date() });
});
after(async () => {
  await trail?.database.close();
  await server?.drop();
});

const kept = (partition: string) =>
  trail.database.read((em) =>
    em.execute<{ number: string; id: string; fault: string | null }[]>(
      `select number, id, body::jsonb->>'fault' as fault from audit_chain where partition = ? order by number`,
      [partition],
    ),
  );

test('32 writers of their own on one partition: no fork, no gap, each record once', async () => {
  const writers = Array.from({ length: 32 }, () => startAppending({ ...trail, now: () => new Date() }));
  const records = Array.from({ length: 640 }, (_, number) => trailRecord(number));
  await Promise.all(
    records.flatMap((record, at) => {
      // Every eighth comes twice, by two writers.
      const again = at % 8 === 0 ? [writers[(at + 1) % writers.length]] : [];
      const chosen = [writers[at % writers.length], ...again];
      return chosen.map((writer) => writer?.append({ partition: 'crowded', record }));
    }),
  );
  const rows = await kept('crowded');
  assert.deepEqual(
    rows.map(({ number }) => Number(number)),
    records.map((_, at) => at + 1),
  );
  assert.deepEqual(rows.map(({ id }) => id).sort(), records.map(({ id }) => id).sort());
  assert.deepEqual((await verifyTrail(trail)).faults, []);
});

test('control: what does not follow the last record is refused by the database itself', async () => {
  const at = new Date().toISOString();
  const forged = (previous: { number: number; hash: Buffer } | undefined) =>
    trail.database.transaction((em) =>
      addRows(em, [nextRow('crowded', { record: trailRecord(0), receivedAt: at }, previous, trail.signer.seal)]),
    );
  await assert.rejects(forged(undefined), /does not follow/);
  await assert.rejects(forged({ number: 640, hash: Buffer.alloc(32, 1) }), /does not follow/);
});

test('the service itself has no right to add past the function, nor to change', async () => {
  for (const attempt of [
    'insert into audit_chain overriding system value select * from audit_chain limit 1',
    `update audit_chain set body = ''`,
    'delete from audit_chain',
    'truncate audit_chain',
    'alter table audit_chain disable trigger all',
    'drop trigger audit_refuse_change on audit_chain',
    `update audit_checkpoints set body = ''`,
    'delete from audit_sealed_heads',
  ]) {
    const attacking = trail.database.transaction((em) => em.execute(attempt, [], 'run'));
    await assert.rejects(attacking, /permission denied|must be owner/, attempt);
  }
});

async function enroll({ node, publicKey }: ChainingNode): Promise<void> {
  const record: AuditRecord = {
    ...trailRecord(0),
    action: 'node.register',
    object: `nodes/${node}`,
    detail: { publicKey },
  };
  await appending.append({ partition: 'registry', record });
}

async function send(chain: ChainingNode, entry = chain.next(), mayWait = false): Promise<void> {
  const { record, chain: place } = entry;
  await appending.append({ partition: `node:${chain.node}`, record, chain: place, mayWait });
}

const faults = async ({ node }: ChainingNode) => (await kept(`node:${node}`)).map(({ fault }) => fault);
const alarms = async ({ node }: ChainingNode) => {
  const rows = await trail.database.read((em) =>
    em.execute<{ action: string }[]>(
      `select action from audit_chain where partition = 'audit' and object = ? order by number`,
      [`nodes/${node}`],
    ),
  );
  return rows.map(({ action }) => action);
};

test('a node whose records are in order raises no alarm, and one sent again changes nothing', async () => {
  const chain = chainingNode(newId());
  await enroll(chain);
  const entries = [chain.next(), chain.next(), chain.next()];
  for (const entry of [...entries, ...entries]) await send(chain, entry);
  assert.deepEqual(await faults(chain), [null, null, null]);
  assert.deepEqual(await alarms(chain), []);
});

test('a hole, a late one, another chain and a disk that was set back are kept, marked and told', async () => {
  const chain = chainingNode(newId());
  await enroll(chain);
  await send(chain);
  const old = chain.head();
  const lost = chain.next();
  // It may still come.
  const early = chain.next();
  await assert.rejects(send(chain, early, true), { code: 'conflict' });
  await send(chain, early);
  await send(chain, lost);
  chain.goBackTo(old);
  await send(chain);
  await send(chain);
  await send(chain);
  await send(chain);
  chain.beginAnew();
  await send(chain);
  await send(chain);
  assert.deepEqual(await faults(chain), [null, 'hole', 'late', 'late', 'late', 'fork', null, 'restarted', null]);
  assert.deepEqual(await alarms(chain), [
    'node-audit.hole',
    'node-audit.late',
    'node-audit.fork',
    'node-audit.restarted',
  ]);
});

test('a hostile node: a foreign key, a signature of another record, another name', async () => {
  const chain = chainingNode(newId());
  const stranger = chainingNode(chain.node);
  await assert.rejects(send(chain, stranger.next(), true), { code: 'conflict' }, 'not enrolled yet');
  await enroll(chain);
  await send(chain);
  await send(chain, stranger.next());
  const honest = chain.next();
  await send(chain, { ...honest, record: { ...honest.record, id: newId(), action: 'stack.down' } });
  await send(chain, honest);
  await send(chain, chain.next({ actor: { kind: 'operator', id: 'admin', requestId: newId() } }));
  assert.deepEqual(await faults(chain), [null, 'key', 'signature', null, 'actor']);
  // The id of a record of the core is no way to keep it out.
  const record = trailRecord(1);
  await send(chain, chain.next({ id: record.id }));
  await appending.append({ partition: 'scheduler', record });
  assert.ok((await kept('scheduler')).some(({ id }) => id === record.id));
  assert.deepEqual((await verifyTrail(trail)).faults, [], 'what is told is no fault of the audit');
});

test("however many in a row are no part of its chain, the end of a node's own chain is found behind them", async () => {
  const chain = chainingNode(newId());
  const stranger = chainingNode(chain.node);
  await enroll(chain);
  await send(chain);
  await Promise.all(Array.from({ length: 450 }, () => send(chain, stranger.next())));
  await send(chain);
  await send(chain);
  assert.deepEqual((await faults(chain)).slice(-3), ['key', null, null]);
  assert.deepEqual((await verifyTrail(trail)).faults, []);
});
