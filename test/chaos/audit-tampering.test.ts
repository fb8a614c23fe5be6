// A thousand tamperings with a hundred thousand records by the owner of the database: all are found, and the first bad
// record of each is named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tamperingRounds } from '#test/harness/tampering-rounds.ts';

test('a thousand tamperings among a hundred thousand records', { timeout: 30 * 60_000 }, async (context) => {
  const seed = Math.floor(Math.random() * 1e9);
  const found = await tamperingRounds({ partitions: 400, each: 250, tamperings: 1_000, atOnce: 200, seed });
  const total = [...found.values()].reduce((sum, count) => sum + count, 0);
  assert.equal(total, 1_000);
  context.diagnostic(`seed ${seed}: ${[...found].map(([name, count]) => `${count} x ${name}`).join(', ')}`);
});
