// The bound of the store: who floods loses the oldest of its own lines, and nobody else one or a moment.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { query } from '#infra/postgres/parameters.ts';
import { removeExpired } from '#services/logs/store/removal.ts';
import { STORED_BESIDE } from '#services/logs/store/usage.ts';
import { until } from '#test/harness/until.ts';
import { at, chunk, numbered, SOON_MS, type Stage, startStage, type TestNode, textsOf } from './stage.ts';

const ROOM = 4 * 1024 * 1024;

let stage: Stage;
before(async () => {
  stage = await startStage();
  await stage.startLogs({ OVERSEER_LOGS_MAX_BYTES: '4m' });
});
after(() => stage?.stop());

/** Lines that don't pack: 100 kB each chunk. */
const noise = (first: number) =>
  chunk(
    first,
    Array.from({ length: 50 }, (_, index) => ({ at: at(first + index), text: randomBytes(1_000).toString('base64') })),
  );

const counts = async () => (await stage.ask('logsStatus', {})).counts;

async function flood(node: TestNode, chunks: number): Promise<void> {
  for (let number = 0; number < chunks; number += 1) await node.send(noise(number * 50));
}

test('a node that floods gives room, and a quiet one keeps every line', async () => {
  const [quiet, loud] = [await stage.node(), await stage.node()];
  await quiet.send(numbered(0, 500), noise(1_000), noise(2_000));
  await flood(loud, 150);
  await stage.handled();
  await until(async () => ((await counts())['bytes'] ?? 0) <= ROOM, SOON_MS, 'the store to be within its bound');
  assert.equal((await stage.all({ node: quiet.id })).length, 600);
  const left = await stage.all({ node: loud.id }, { limit: 5000 });
  assert.ok(left.length > 0 && left.length < 150 * 50, `${left.length} lines left`);
  assert.equal(left.at(-1)?.type === 'line' && left.at(-1)?.id !== undefined, true);
  const { items } = await stage.ask('logCoverage', { node: loud.id });
  const [{ unknown, held } = assert.fail()] = items;
  assert.equal(unknown.length, 1, 'what was removed is the beginning, and is told as unknown');
  assert.deepEqual([unknown[0]?.from, unknown[0]?.to], [0, held[0]?.from]);
  assert.equal(held.at(-1)?.to, 150 * 50, 'the newest lines are held');
  assert.deepEqual(items[0]?.gaps, []);
});

test('two that flood share what there is', async () => {
  const [one, other] = [await stage.node(), await stage.node()];
  await Promise.all([flood(one, 60), flood(other, 60)]);
  await stage.handled();
  await until(async () => ((await counts())['bytes'] ?? 0) <= ROOM, SOON_MS, 'the store to be within its bound');
  const rows = await stage.database.read((em) =>
    query<{ bytes: string }>(em, 'select bytes from log_nodes where node = any($1)', [[one.id, other.id]]),
  );
  const [a = 0, b = 0] = rows.map(({ bytes }) => Number(bytes));
  assert.ok(a > 0 && b > 0 && Math.max(a, b) < 2 * Math.min(a, b), `${a} and ${b} bytes`);
});

test('what is counted is what is stored', async () => {
  const rows = await stage.database.read((em) =>
    query<{ counted: string; held: string; chunks: string; n: string }>(
      em,
      `select sum(bytes) as counted, sum(chunks) as chunks, (select count(*) from log_chunks) as n,
         (select sum(coalesce(length(data), 0) + ${STORED_BESIDE}) from log_chunks) as held from log_nodes`,
    ),
  );
  const [{ counted, held, chunks, n } = assert.fail()] = rows;
  assert.deepEqual([counted, chunks], [held, n]);
});

test('lines of a stack that keeps them for days go when the days are over', async () => {
  const node = await stage.node();
  await node.send({ ...numbered(0, 5), keepDays: 3 }, { ...numbered(5, 5), keepDays: 30 }, numbered(10, 5));
  await stage.handled();
  await stage.database.transaction(async (em) => {
    await query(em, `update log_chunks set expires_at = expires_at - interval '4 days' where node = $1`, [node.id]);
    await removeExpired(em);
  });
  assert.deepEqual(
    textsOf(await stage.all({ node: node.id })),
    Array.from({ length: 10 }, (_, index) => `line ${5 + index}`),
  );
});

test('lines of others come through while a node floods', { timeout: 120_000 }, async () => {
  const [quiet, loud] = [await stage.node(), await stage.node()];
  let isOver = false;
  let first = 0;
  const flooding = Array.from({ length: 16 }, async () => {
    while (!isOver) {
      first += 50;
      await loud.send(noise(first));
    }
  });
  let { after: place } = await stage.ask('followLogs', {
    filter: { node: quiet.id },
    after: null,
    limit: 1,
    waitMs: 0,
  });
  const seen: string[] = [];
  for (let number = 0; number < 30; number += 1) {
    await quiet.send(numbered(number, 1));
    while (seen.length <= number) {
      const answer = await stage.ask('followLogs', {
        filter: { node: quiet.id },
        after: place,
        limit: 10,
        waitMs: 5_000,
      });
      seen.push(...textsOf(answer.items));
      place = answer.after;
    }
  }
  isOver = true;
  await Promise.all(flooding);
  assert.deepEqual(
    seen,
    Array.from({ length: 30 }, (_, index) => `line ${index}`),
  );
});
