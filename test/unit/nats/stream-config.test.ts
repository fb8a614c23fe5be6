// What the provisioner may do to a stream that exists.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { destructive, differences, durableConfig, streamConfig } from '#infra/nats/stream-config.ts';
import { streamPlan, streamPlans } from '#subjects/streams.ts';

const events = { ...streamConfig(streamPlan('NODE_EVENTS'), 1) } as Record<string, unknown>;
const desired = { ...streamConfig(streamPlan('DESIRED'), 1) } as Record<string, unknown>;

test('a stream that is as the contract says differs in nothing', () => {
  for (const plan of streamPlans()) {
    const wanted = streamConfig(plan, 1);
    assert.deepEqual(differences({ ...wanted } as Record<string, unknown>, wanted), []);
    for (const durable of plan.durables) {
      const config = durableConfig(durable);
      assert.deepEqual(differences({ ...config } as Record<string, unknown>, config), []);
    }
  }
});

test('what the server leaves out is false or nothing', () => {
  const { allow_msg_ttl: _, allow_rollup_hdrs: __, ...has } = events;
  assert.deepEqual(differences(has, events), []);
  assert.equal(differences({ ...events, allow_direct: true }, events).length, 1);
});

test('every stream can be written only as the contract says', () => {
  for (const plan of streamPlans()) {
    const wanted = streamConfig(plan, 1);
    assert.equal(wanted.allow_rollup_hdrs, false);
    assert.equal(wanted.deny_delete, true);
    assert.equal(wanted.duplicate_window, 100_000_000);
    if (plan.retention === 'workqueue') assert.equal(wanted.discard_new_per_subject, true);
  }
});

const refused: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>])[] = [
  ['another retention', events, { ...events, retention: 'limits' }],
  ['memory for file', events, { ...events, storage: 'memory' }],
  ['a subject less', { ...events, subjects: ['overseer.up.*.event', 'overseer.old.*'] }, events],
  ['fewer bytes', { ...events, max_bytes: 2 ** 40 }, events],
  ['a bound where there was none', { ...events, max_bytes: -1 }, events],
  ['a shorter time', { ...events, max_age: 0 }, { ...events, max_age: 5 }],
  ['fewer messages a subject', { ...events, max_msgs_per_subject: 1000 }, events],
  ['shorter messages', { ...events, max_msg_size: 2 ** 20 }, events],
  ['deleting allowed again', desired, { ...desired, deny_delete: false }],
  ['purging allowed again', desired, { ...desired, deny_purge: false }],
];

for (const [what, has, wants] of refused) {
  test(`refused: ${what}`, () => assert.equal(destructive(differences(has, wants)).length, 1));
}

const allowed: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>])[] = [
  ['a subject more', { ...events, subjects: [] }, events],
  ['more bytes', { ...events, max_bytes: 1024 }, events],
  ['no bound', { ...events, max_age: 5 }, events],
  ['purging denied', { ...desired, deny_purge: false }, desired],
  ['another republish', { ...desired, republish: undefined }, desired],
];

for (const [what, has, wants] of allowed) {
  test(`done: ${what}`, () => {
    const found = differences(has, wants);
    assert.equal(found.length, 1);
    assert.deepEqual(destructive(found), []);
  });
}
