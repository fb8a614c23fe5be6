import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '#agent/stacks/health.ts';
import { NOTHING_SEEN, newRecord, type SeenContainer, type StackRecord } from '#agent/stacks/model.ts';
import { container, NOW, stack } from './notation.ts';

const second = 1000;
const web = stack('web', 'a');

function verdict(containers: Partial<SeenContainer>[], record: Partial<StackRecord> = {}, target = web) {
  const seen = containers.map((more, index) => container('web', { id: `c${index}`, ...more }));
  const full = {
    ...newRecord('web'),
    appliedHash: web.hash,
    appliedAt: NOW - 10 * second,
    services: { a: 1 },
    ...record,
  };
  const { kind, ...rest } = judge(target, { ...NOTHING_SEEN, record: full, containers: seen }, NOW);
  return [kind, 'reason' in rest ? rest.reason : '', 'lookAgainAt' in rest ? rest.lookAgainAt : null] as const;
}

test('running long enough, with or without a health check', () => {
  assert.equal(verdict([{}])[0], 'healthy');
  assert.equal(verdict([{ health: 'healthy' }])[0], 'healthy');
  assert.equal(verdict([{ health: 'healthy', startedAt: NOW }])[0], 'waiting', 'a check passes before memory runs out');
});

test('a restart begins the window anew', () => {
  const again = { startedAt: NOW - 500, restarts: 1, lastExit: { code: 3, oom: false } };
  assert.deepEqual(verdict([again]), ['waiting', 'web-a-1 has just restarted, exit code 3', NOW - 500 + 2 * second]);
});

test('what nothing starts again has failed at once, for the true reason', () => {
  const ended = { state: 'exited', exitCode: 137 } as const;
  assert.deepEqual(verdict([{ ...ended, oomKilled: true }]).slice(0, 2), ['failed', 'web-a-1 ran out of memory']);
  assert.deepEqual(verdict([ended]).slice(0, 2), ['failed', 'web-a-1 exited with code 137']);
  assert.equal(verdict([{ ...ended, restartPolicy: 'always' }])[0], 'waiting', 'the engine starts it again');
  assert.equal(verdict([{ ...ended, isStopAsked: true }])[0], 'waiting', 'somebody stopped it');
});

test('just started: looked at again when it has been steady, not before', () => {
  const startedAt = NOW - 500;
  assert.deepEqual(verdict([{ startedAt }]), ['waiting', 'web-a-1 has just started', startedAt + 2 * second]);
});

test('a job that ended well is well, one that failed is not', () => {
  assert.equal(verdict([{ state: 'exited', exitCode: 0 }])[0], 'healthy');
  assert.equal(verdict([{ state: 'exited', exitCode: 0, restartPolicy: 'on-failure' }])[0], 'healthy');
  assert.equal(verdict([{ state: 'exited', exitCode: 0, restartPolicy: 'always' }])[0], 'waiting');
  assert.equal(verdict([{ state: 'exited', exitCode: 7 }])[0], 'failed');
  assert.equal(verdict([{ state: 'exited', exitCode: 7, restartPolicy: 'on-failure' }])[0], 'waiting');
});

test('what has a health check is no job, however well it ended', () => {
  const ended = { state: 'exited', exitCode: 0, isChecked: true } as const;
  assert.deepEqual(verdict([ended]).slice(0, 2), ['failed', 'web-a-1 exited with code 0']);
});

test('a service that its text calls a job must end with 0, however long it runs first', () => {
  const own = (keys: string) => stack('web', 'a', { compose: `services: {a: {image: x, x-overseer: ${keys}}}` });
  const job = own('{job: true}');
  assert.deepEqual(verdict([{}], {}, job).slice(0, 2), ['waiting', 'web-a-1 has not ended']);
  assert.equal(verdict([{ state: 'exited', exitCode: 0 }], {}, job)[0], 'healthy');
  assert.equal(verdict([{ state: 'exited', exitCode: 1 }], {}, job)[0], 'failed');
  const slow = own('{stabilitySeconds: 90}');
  assert.equal(verdict([{}], {}, slow)[0], 'waiting');
  assert.equal(verdict([{}])[0], 'healthy', 'control');
});

test('a health check decides, for better and for worse', () => {
  assert.deepEqual(verdict([{ health: 'starting' }]).slice(0, 2), ['waiting', 'web-a-1 is not healthy yet']);
  assert.deepEqual(verdict([{ health: 'unhealthy' }]).slice(0, 2), ['failed', 'web-a-1 is unhealthy']);
});

test('a crash loop fails, also between two crashes; restarts of before do not count', () => {
  const looping = { restarts: 3, startedAt: NOW - 500 };
  assert.equal(verdict([looping])[0], 'failed');
  assert.equal(
    verdict([{ ...looping, state: 'restarting', exitCode: 7 }])[1],
    'web-a-1 crashes again and again: 3 restarts, exit code 7',
  );
  assert.equal(verdict([looping], { restartsBefore: { c0: 3 } })[0], 'waiting');
  assert.equal(verdict([{ restarts: 30 }])[0], 'healthy', 'control: steady since');
});

test('waiting has an end', () => {
  const late = { appliedAt: NOW - 120 * second };
  assert.deepEqual(verdict([{ health: 'starting' }], late).slice(0, 2), [
    'failed',
    'web-a-1 is not healthy yet; gave it 120 s',
  ]);
  const early = verdict([{ health: 'starting' }], { appliedAt: NOW - 119 * second });
  assert.deepEqual(early.slice(0, 1).concat(String(early[2])), ['waiting', String(NOW + second)]);
});

test('containers of services that the stack no longer has are not judged', () => {
  assert.equal(verdict([{}, { service: 'old', state: 'exited', exitCode: 1 }])[0], 'healthy');
});

test('an engine whose clock is ahead does not make a start last for ever', () => {
  assert.equal(verdict([{ startedAt: NOW + 3600 * second }])[0], 'healthy');
});
