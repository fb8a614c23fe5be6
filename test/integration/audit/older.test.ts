// Records of a core from before there were chains: brought into them once, in their order, as they were.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';
import { asOwner } from '#test/harness/audit-trail.ts';
import { recordOf, type Stage, setStage, verified } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await setStage();
});
after(() => stage?.stop());

type Work = Parameters<typeof stage.owner.transaction>[0];

/** A database of before there were chains. */
async function asBefore(): Promise<void> {
  await asOwner(stage.owner, async (em) => {
    for (const table of ['audit_chain', 'audit_checkpoints', 'audit_sealed_heads']) {
      await em.execute(`truncate ${table}`, [], 'run');
    }
  });
  rmSync(join(stage.nats.data, 'audit-checkpoint.json'), { force: true });
}

/** As the version of then, to which nothing refused it, or as whoever owns the table. */
async function putOlder(work: Work): Promise<void> {
  await stage.owner.transaction(async (em) => {
    await em.execute('alter table audit_records disable trigger audit_refuse_insert', [], 'run');
    await work(em);
    await em.execute('alter table audit_records enable always trigger audit_refuse_insert', [], 'run');
  });
}

const INSERT = `insert into audit_records (id, at, source, actor, action, object, outcome, code, detail)
  values (?, ?::timestamptz, ?, ?::jsonb, ?, ?, ?, ?, ?::jsonb)`;

function valuesOf(record: AuditRecord, source: string, time = record.at): unknown[] {
  const { id, actor, action, object, outcome, code, detail } = record;
  return [id, time, source, JSON.stringify(actor), action, object, outcome, code, JSON.stringify(detail)];
}

test('they are in the chains after a start, each once, in order, and what is new follows them', async () => {
  await stage.stopAudit();
  const node = newId();
  const old = Array.from({ length: 700 }, (_, at) => recordOf(`stacks/old-${at}`));
  await asBefore();
  await putOlder(async (em) => {
    for (const [at, record] of old.entries()) {
      await em.execute(INSERT, valuesOf(record, at % 7 === 0 ? node : 'scheduler'), 'run');
    }
  });
  await stage.start();
  await stage.stopAudit();
  await stage.start();
  const gone: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Stage['list']>> = await stage.list({ limit: 500, ...(cursor ? { cursor } : {}) });
    for (const {
      object,
      partition,
      number,
      sequence,
      receivedAt,
      hash,
      fault,
      source,
      action,
      ...record
    } of page.items) {
      if (action !== 'audit.bring-older') gone.unshift(object);
      const before = old.find(({ id }) => id === record.id);
      if (action === 'audit.bring-older') continue;
      assert.deepEqual({ ...record, action, object }, before);
      assert.equal(partition, source === 'scheduler' ? source : `node:${node}`);
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.deepEqual(
    gone,
    old.map(({ object }) => object),
  );
  await stage.emit(recordOf('stacks/new'));
  await stage.untilKept('stacks/new', 1);
  assert.deepEqual((await verified(stage.gateway)).faults, []);
});

test('that is done once: what is put there later is not sealed, and the table refuses it', async () => {
  const late = recordOf('stacks/put-there');
  await assert.rejects(
    stage.owner.transaction((em) => em.execute(INSERT, valuesOf(late, 'scheduler'), 'run')),
    /only ever added/,
  );
  await stage.stopAudit();
  await putOlder((em) => em.execute(INSERT, valuesOf(late, 'scheduler'), 'run'));
  await stage.start();
  await stage.emit(recordOf('stacks/newer'));
  await stage.untilKept('stacks/newer', 1);
  assert.deepEqual((await stage.list({ object: 'stacks/put-there' })).items, []);
  const [told, ...more] = (await stage.list({ action: 'audit.bring-older' })).items;
  assert.deepEqual([told?.detail, more], [{ upTo: 700, brought: 700, deadLetters: 0 }, []]);
});

test('one that can not be kept is set aside; the service starts, and the others are brought', async () => {
  await stage.stopAudit();
  await asBefore();
  const [good, bad] = [recordOf('stacks/good'), recordOf('stacks/bad')];
  await putOlder(async (em) => {
    await em.execute(INSERT, valuesOf(bad, 'registry', 'infinity'), 'run');
    await em.execute(INSERT, valuesOf(good, 'registry'), 'run');
  });
  await stage.start();
  await stage.untilKept('stacks/good', 1);
  const letters = await stage.owner.read((em) => em.execute(`select * from dead_letter where service = 'audit'`));
  const [letter] = letters as { subject: string; payload: Buffer }[];
  assert.equal(letters.length, 1);
  assert.equal(JSON.parse(String(letter?.payload)).id, bad.id);
  const [told] = (await stage.list({ action: 'audit.bring-older' })).items;
  assert.equal(told?.detail['deadLetters'], 1);
  assert.deepEqual((await verified(stage.gateway)).faults, []);
});
