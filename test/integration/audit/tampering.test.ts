// Whoever owns the database can change it; verification names the first record that is not what it was. Ten times as much
// in test/chaos.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TAMPERINGS } from '#test/harness/audit-tampering.ts';
import { tamperingRounds } from '#test/harness/tampering-rounds.ts';

test('every tampering is found, and its first record named', async () => {
  const seed = Math.floor(Math.random() * 1e9);
  const found = await tamperingRounds({ partitions: 50, each: 80, tamperings: 110, atOnce: 22, seed });
  assert.deepEqual([...found.keys()].sort(), TAMPERINGS.map(({ name }) => name).sort());
});
