// Groups of batches: a commit for many, and none that fails for another's sake.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewLogEntry } from '#services/logs/entry.ts';
import { groupWriter } from '#services/logs/ingest/writer.ts';
import { turns } from '#services/logs/turns.ts';
import { OverseerError } from '#subjects/errors.ts';
import { chunkOf } from './entries.ts';

const firsts = (entries: readonly NewLogEntry[]) => entries.map(({ first }) => first);

test('what comes while one is written goes together into the next', async () => {
  const groups: (number | null)[][] = [];
  const first = Promise.withResolvers<void>();
  const { write } = groupWriter(async (entries) => {
    groups.push(firsts(entries));
    if (groups.length === 1) await first.promise;
  });
  const writing = [0, 1, 2, 3].map((row) => write(`n${row % 2}`, [chunkOf(row, 1)]));
  first.resolve();
  await Promise.all(writing);
  assert.deepEqual(groups, [[0], [1, 2, 3]]);
});

test('one that the database refuses fails alone', async () => {
  const kept: (number | null)[] = [];
  const { write } = groupWriter(async (entries) => {
    if (firsts(entries).includes(2)) throw new Error('no');
    kept.push(...firsts(entries));
  });
  const outcomes = await Promise.allSettled([0, 1, 2, 3].map((row) => write('n', [chunkOf(row, 1)])));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(kept, [0, 1, 3]);
});

test('a database that is away fails all at once: each comes again', async () => {
  let asked = 0;
  const { write } = groupWriter(async () => {
    asked += 1;
    throw new OverseerError('unavailable', 'away');
  });
  const outcomes = await Promise.allSettled([0, 1, 2, 3].map((row) => write('n', [chunkOf(row, 1)])));
  assert.ok(outcomes.every(({ status }) => status === 'rejected'));
  assert.equal(asked, 2);
});

test('turns: so many at once, the others in their order, too many sent away', async () => {
  const inTurn = turns(2, 2);
  const begun: number[] = [];
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const work = ends.map(({ promise }, index) =>
    inTurn(async () => {
      begun.push(index);
      await promise;
    }),
  );
  await assert.rejects(
    inTurn(async () => {}),
    { code: 'rate-limited' },
  );
  assert.deepEqual(begun, [0, 1]);
  ends[1]?.reject(new Error('failed'));
  await assert.rejects(work[1] as Promise<void>, /failed/);
  assert.deepEqual(begun, [0, 1, 2]);
  for (const { resolve } of ends) resolve();
  await Promise.all([work[0], work[2], work[3]]);
  await inTurn(async () => {});
});
