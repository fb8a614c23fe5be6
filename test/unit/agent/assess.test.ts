import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assess, assessRemoval, type Outlook } from '#agent/stacks/assess.ts';
import type { StackRecord } from '#agent/stacks/model.ts';
import { NOW, observed, stack } from './notation.ts';

const web = stack('web', 'a', { deployment: 'd' });
const quiet: Outlook = { isInFlight: false, pending: null, isPaused: false };
const settled = (ok: boolean) => ({ settled: { deployment: 'd', hash: web.hash, ok } });

function told(state: string, record: Partial<StackRecord> = {}, outlook: Partial<Outlook> = {}, target = web): string {
  const seen = observed(state).stacks.get('web');
  const whole = seen?.record ? { ...seen, record: { ...seen.record, ...record } } : seen;
  const { phase, outcome } = assess(target, whole ?? { record: null, containers: [] }, { ...quiet, ...outlook }, NOW);
  return outcome === null ? phase : `${phase}, settles ${outcome.ok ? 'well' : 'badly'}`;
}

const CASES: readonly (readonly [string, string, Partial<StackRecord>, Partial<Outlook>, string])[] = [
  ['it runs', 'web@a:run', {}, {}, 'running, settles well'],
  ['nothing was done yet', '', {}, { pending: 'new here' }, 'pending'],
  ['it is being brought up', '', {}, { isInFlight: true }, 'applying'],
  ['the first try failed', 'web@a:exitx1', {}, { pending: 'exited' }, 'applying'],
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
  ['the node is paused', '', {}, { pending: 'new here', isPaused: true }, 'pending'],
];

for (const [what, state, record, outlook, expected] of CASES) {
  test(`${what}: ${expected}`, () => assert.equal(told(state, record, outlook), expected));
}

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
