import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createLogger } from '#infra/logger.ts';
import { pacedRounds } from '#services/scheduler/release-rounds.ts';

const ROUND_MS = 40;
const ROUNDS = 5;

test('rounds rest as long as they take, however often they are woken', async () => {
  const seen: { began: number; ended: number }[] = [];
  const enough = Promise.withResolvers<void>();
  const rounds = pacedRounds(
    async () => {
      const began = performance.now();
      await pause(ROUND_MS);
      if (seen.push({ began, ended: performance.now() }) === ROUNDS) enough.resolve();
    },
    createLogger('test', 'silent'),
  );
  // Far more often than there could be rounds: as when thousands of nodes tell something.
  const waking = setInterval(rounds.wake, 1);
  await enough.promise;
  clearInterval(waking);
  await rounds.stop();
  for (const [index, { began }] of seen.entries()) {
    const last = seen[index - 1];
    // A timer may be a millisecond early.
    if (last) assert.ok(began - last.ended >= last.ended - last.began - 2, `round ${index} came too soon`);
  }
});
