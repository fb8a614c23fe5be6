import assert from 'node:assert/strict';
import { test } from 'node:test';
import { door } from '#agent/secrets/door.ts';
import { closed, type Redactor, redactor } from '#agent/secrets/redactor.ts';
import { NodeEventBody } from '#subjects/schema/node-event.ts';
import type { Preview } from '#subjects/schema/plan.ts';
import type { Report } from '#subjects/schema/report.ts';

const known: Record<string, Redactor> = { web: redactor(['hunter22', 'prod']), other: redactor(['another1']) };
const asked: string[] = [];
const out = door((stack) => {
  asked.push(stack);
  return known[stack] ?? closed;
});
const about = { stack: 'web', revision: 1, deployment: null };

test('words of tools, engines and containers leave without values, names as they are', () => {
  const failure = { service: 'prod', container: 'web-prod-1', exitCode: 1, lines: ['with hunter22', 'plain'] };
  const settled = { type: 'stack.settled', ...about, outcome: 'failed', reason: 'exec hunter22: no', failure } as const;
  assert.deepEqual(out.event(settled), {
    ...settled,
    reason: 'exec [secret]: no',
    failure: { ...failure, lines: ['with [secret]', 'plain'] },
  });
  const started = { type: 'stack.step.started', ...about, step: 'up', why: 'hunter22: not found' } as const;
  assert.deepEqual(out.event(started), { ...started, why: '[secret]: not found' });
});

test('of a report each stack is told without its own values', () => {
  const stack = (name: string, reason: string | null) => ({ name, reason, settled: { reason }, services: [{ name }] });
  const report = { stacks: [stack('web', 'hunter22 another1'), stack('other', 'hunter22 another1')] };
  assert.deepEqual(out.report(report as unknown as Report), {
    stacks: [stack('web', '[secret] another1'), stack('other', 'hunter22 [secret]')],
  });
});

test('what a plan says is told without values', () => {
  const preview: Preview = {
    kind: 'preview',
    steps: [{ step: 'up', why: 'hunter22' }],
    changes: [{ service: 'prod', container: null, change: 'create', reasons: [{ kind: 'new', detail: 'hunter22' }] }],
    fault: 'invalid: hunter22',
  };
  const [why, detail, fault] = ['[secret]', '[secret]', 'invalid: [secret]'];
  const reasons = [{ kind: 'new', detail }];
  assert.deepEqual(out.preview('web', preview), {
    ...preview,
    steps: [{ step: 'up', why }],
    changes: [{ ...preview.changes[0], reasons }],
    fault,
  });
});

test('values are read only when there is something to look into', () => {
  asked.length = 0;
  out.event({
    type: 'container.changed',
    ...{ stack: 'web', service: 'a', container: 'c' },
    action: 'died',
    exitCode: 1,
  });
  out.event({ type: 'agent.started', version: '1' });
  out.report({ stacks: [{ name: 'web', reason: null, drift: [] }] } as unknown as Report);
  assert.deepEqual(asked, []);
});

test('what stands for values makes no text too long to be sent', () => {
  const lines = ['prod'.repeat(2000)];
  const told = out.event({ type: 'stack.step.output', ...about, step: 'up', lines });
  assert.ok(NodeEventBody.safeParse(told).success);
});
