// Lines that were written while a stack had secrets are never read without them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Searched } from '#agent/logs/searched.ts';
import { Waiters } from '#agent/logs/waiters.ts';
import { forgottenAfter } from '#agent/secrets/after-logs.ts';
import { closed, openly, type Redactor, redactor } from '#agent/secrets/redactor.ts';
import type { SecretRoom } from '#agent/secrets/room.ts';

const known = redactor(['shibboleth']);
const seconds = (ms: number) => Math.floor(ms / 1000);

test('a stack that never had a secret is not searched', () => {
  assert.equal(new Searched(() => openly, undefined).look(5_000), null);
});

test('values that were forgotten close what was written until then, and nothing after it', () => {
  let now: Redactor = known;
  const searched = new Searched(() => now, undefined);
  assert.equal(searched.look(1_000)?.(seconds(500)), known);
  now = openly;
  const search = searched.look(10_000);
  assert.equal(search?.(seconds(9_000)), closed);
  assert.equal(search?.(seconds(10_000)), closed, 'the very second');
  assert.equal(search?.(seconds(11_000)), openly);
  assert.equal(searched.look(60_000)?.(seconds(9_000)), closed, 'the moment does not move');
  searched.reached('10500000000');
  assert.notEqual(searched.look(60_000), null);
  searched.reached('12000000000');
  assert.equal(searched.look(60_000), null, 'all of them were read');
});

test('an agent that comes back after they were forgotten still knows that there were some', () => {
  const before = new Searched(() => known, undefined);
  before.look(1_000);
  const after = new Searched(() => openly, before.until);
  assert.equal(after.look(5_000)?.(seconds(4_000)), closed);
  assert.equal(new Searched(() => openly, after.until).look(9_000)?.(seconds(6_000)), openly);
});

test('a stack is read to its end by a look that began after the question, or by none', async () => {
  const waiters = new Waiters();
  const early = waiters.begin();
  let isDone = false;
  const waiting = waiters.caughtUp('web').then(() => {
    isDone = true;
  });
  early(new Set());
  waiters.begin()(new Set(['web']));
  await Promise.resolve();
  assert.equal(isDone, false, 'the first look was earlier, the second left something');
  waiters.begin()(new Set(['other']));
  await waiting;
});

test('secrets are forgotten after the logs were read, and settled ones at once', async () => {
  const told: string[] = [];
  const room = {
    settle: async () => void told.push('settled'),
    forget: async () => void told.push('forgotten'),
  } as unknown as SecretRoom;
  const late = forgottenAfter(room, async () => void told.push('read'));
  await late.settle('web', true);
  await late.settle('web', false);
  await late.forget('web');
  assert.deepEqual(told, ['settled', 'read', 'settled', 'read', 'forgotten']);
});
