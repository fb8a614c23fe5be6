import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assess, assessRemoval, type Outlook } from '#agent/stacks/assess.ts';
import { NOTHING_SEEN, type StackRecord } from '#agent/stacks/model.ts';
import { triesKey } from '#agent/stacks/retry.ts';
import { NOW, observed, stack } from './notation.ts';

const web = stack('web', 'a', { deployment: 'd' });
const quiet: Outlook = { isInFlight: false, pending: null, isPaused: false };
const settled = (ok: boolean) => ({ settled: { deployment: 'd', hash: web.hash, ok } });

function told(state: string, record: Partial<StackRecord> = {}, outlook: Partial<Outlook> = {}, target = web): string {
  const seen = observed(state).stacks.get('web');
  const tries = seen?.record?.attempts ? { ...seen.record.attempts, hash: triesKey(target) } : null;
  const whole = seen?.record ? { ...seen, record: { ...seen.record, attempts: tries, ...record } } : seen;
  const { phase, outcome } = assess(target, whole ?? NOTHING_SEEN, { ...quiet, ...outlook }, NOW);
  return outcome === null ? phase : `${phase}, settles ${outcome.ok ? 'well' : 'badly'}`;
}

const CASES: readonly (readonly [string, string, Partial<StackRecord>, Partial<Outlook>, string])[] = [
  ['it runs', 'web@a:run', {}, {}, 'running, settles well'],
  ['nothing was done yet', '', {}, { pending: 'new here' }, 'pending'],
  ['it is being brought up', '', {}, { isInFlight: true }, 'applying'],
  ['the first try failed', 'web@a:exitx1', {}, { pending: 'exited' }, 'applying'],
  [
    'it was brought up and ended badly',
    'web@a:exitx1',
    { deployment: 'd' },
    { pending: 'exited' },
    'failed, settles badly',
  ],
  ['another deployment had failed so', 'web@a:exit', { deployment: 'c' }, { pending: 'exited' }, 'pending'],
  ['three tries failed', 'web@a:exitx3', {}, { pending: 'exited' }, 'failed, settles badly'],
  ['it ran and something died', 'web@a:exit', settled(true), { pending: 'exited' }, 'degraded'],
  [
    'it ran, died and does not come back',
    'web@a:exitx3',
    settled(true),
    { pending: 'exited' },
    'failed, settles badly',
  ],
  ['it had failed and runs now', 'web@a:run', settled(false), {}, 'running, settles well'],
  ['it had failed and is tried again', 'web@a:exit', settled(false), { isInFlight: true }, 'failed'],
  ['it ran and is put right', 'web@a:exit', settled(true), { isInFlight: true }, 'applying'],
  ['the node is paused', '', {}, { pending: 'new here', isPaused: true }, 'pending'],
];

for (const [what, state, record, outlook, expected] of CASES) {
  test(`${what}: ${expected}`, () => assert.equal(told(state, record, outlook), expected));
}

test('what was given up is told once the last good version runs', () => {
  const better = { ...web, rollback: true, revision: 3 };
  const rejected = { hash: web.hash, deployment: 'd', revision: 3, reason: 'it crashed', failure: null };
  const back = (state: string, more: Partial<StackRecord> = {}, outlook: Partial<Outlook> = {}) => {
    const seen = observed(state).stacks.get('web');
    assert.ok(seen?.record);
    const record = { ...seen.record, rejected, deployment: 'd', ...more };
    return assess(better, { ...seen, record }, { ...quiet, ...outlook }, NOW);
  };
  const runs = back('web@b:run<b');
  assert.equal(runs.phase, 'rolled-back');
  assert.equal(runs.reason, 'revision 3 failed: it crashed; revision 1 runs');
  assert.equal(runs.outcome?.word, 'rolled-back');
  assert.equal(runs.outcome?.reason, 'it crashed');
  assert.equal(back('web@a:exit<b', {}, { pending: 'going back' }).phase, 'applying');
  const attempts = {
    hash: `${better.hash.replaceAll('a', 'b')} d`,
    count: 3,
    lastAt: NOW,
    failure: 'no',
    permanent: false,
  };
  const lost = back('web@a:exit<b', { attempts }, { pending: 'going back' });
  assert.equal(lost.outcome?.word, 'failed');
  assert.equal(lost.reason, 'revision 3 failed: it crashed; going back to revision 1 failed too: no');
  assert.equal(back('web@a:run').phase, 'running', 'control: with nothing to go back to it is what it is');
});

test('where hand-made changes are only told, they make a stack degraded once it has its outcome', () => {
  const told = (state: string, settledOk: boolean) => {
    const seen = observed(state).stacks.get('web');
    assert.ok(seen?.record);
    const record = { ...seen.record, ...(settledOk ? settled(true) : {}) };
    return assess({ ...web, drift: 'report' }, { ...seen, record }, quiet, NOW);
  };
  assert.equal(told('web@a:mem', true).reason, 'it was changed by hand: memory of web-a-1 is 32 instead of 64');
  assert.equal(told('web@a:mem', true).phase, 'degraded');
  assert.equal(told('web@a:mem', false).outcome?.word, 'succeeded');
  assert.equal(told('web@a:run', true).phase, 'running', 'control');
});

test('stopped when nothing of it runs', () => {
  assert.equal(told('web@a:stopped', {}, {}, { ...web, state: 'stopped' }), 'stopped, settles well');
});

test('a removal is over when it was carried out, and failed when its tries are used up', () => {
  const entry = { name: 'web', deployment: 'd', generation: 7, volumes: false };
  const base = observed('web@a:run').stacks.get('web');
  assert.ok(base?.record);
  const { record } = base;
  const phase = (more: Partial<StackRecord>) =>
    assessRemoval(entry, { ...base, record: { ...record, ...more } }, quiet).phase;
  assert.equal(phase({}), 'removing');
  assert.equal(phase({ removedGeneration: 7 }), 'removed');
  assert.equal(phase({ removedGeneration: 6 }), 'removing');
  const attempts = { hash: 'removed 7', count: 3, lastAt: NOW, failure: 'no', permanent: false };
  assert.equal(phase({ attempts }), 'failed');
});
