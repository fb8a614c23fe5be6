// Records of a core from before there were chains: brought into them once, in their order, as they were.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { recordOf, type Stage, setStage, verified } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await setStage();
});
after(() => stage?.stop());

test('they are in the chains after a start, each once, in order, and what is new follows them', async () => {
  await stage.stopAudit();
  const node = newId();
  const old = Array.from({ length: 700 }, (_, at) => recordOf(`stacks/old-${at}`));
  await stage.owner.transaction(async (em) => {
    for (const [at, { id, at: time, actor, action, object, outcome, code, detail }] of old.entries()) {
      await em.execute(
        `insert into audit_records (id, at, source, actor, action, object, outcome, code, detail)
         values (?, ?::timestamptz, ?, ?::jsonb, ?, ?, ?, ?, ?::jsonb)`,
        [
          ...[id, time, at % 7 === 0 ? node : 'scheduler', JSON.stringify(actor), action, object, outcome, code],
          JSON.stringify(detail),
        ],
        'run',
      );
    }
  });
  await stage.start();
  await stage.stopAudit();
  await stage.start();
  const gone: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Stage['list']>> = await stage.list({ limit: 500, ...(cursor ? { cursor } : {}) });
    for (const { object, partition, number, sequence, receivedAt, hash, fault, source, ...record } of page.items) {
      gone.unshift(object);
      const before = old.find(({ id }) => id === record.id);
      assert.deepEqual({ ...record, object }, before);
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
