// Waiting for parts that are not there yet, and telling whether all are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newHealth } from '#infra/health.ts';
import { createLogger } from '#infra/logger.ts';
import { untilDone } from '#infra/retry.ts';

const log = createLogger('test', 'silent');
const delaysMs = [1];

test('it tries until the part answers', async () => {
  let tries = 0;
  const work = async () => {
    tries += 1;
    if (tries < 4) throw new Error('not yet');
    return 'there';
  };
  assert.equal(await untilDone('a part', work, { log, delaysMs }), 'there');
  assert.equal(tries, 4);
});

test('it does not wait for what time does not heal', async () => {
  const work = async () => {
    throw new Error('wrong password');
  };
  await assert.rejects(untilDone('a part', work, { log, delaysMs, isWorthAnother: () => false }), /wrong password/);
});

test('it ends when told', async () => {
  const ending = new AbortController();
  const work = async () => {
    ending.abort();
    throw new Error('not yet');
  };
  await assert.rejects(untilDone('a part', work, { log, delaysMs: [60_000], signal: ending.signal }), /abort/i);
});

test('a process is ready when every part is; one that fails is named', async () => {
  const health = newHealth();
  assert.deepEqual(await health.ready(), { ready: true, checks: {} });
  health.add({ name: 'good', isReady: () => true });
  health.add({
    name: 'broken',
    isReady: () => {
      throw new Error('gone');
    },
  });
  assert.deepEqual(await health.ready(), { ready: false, checks: { good: true, broken: false } });
});
