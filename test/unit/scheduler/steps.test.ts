import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type StepEvent, stepsFrom, stepTold } from '#services/scheduler/steps.ts';
import { LINES_MISSING } from '#subjects/schema/deployment.ts';

const AT = new Date(0);

/** `+up` began, `up:a,b` said two lines, `up.` ended well, `up!` failed. */
function eventsIn(text: string): StepEvent[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const base = { at: AT, dropped: 0, leftOut: 0 };
      if (word.startsWith('+')) return { ...base, step: word.slice(1), kind: 'started', told: { why: 'why' } };
      const [step = '', lines] = word.split(':');
      if (lines !== undefined) return { ...base, step, kind: 'output', told: { lines: lines.split(',') } };
      const outcome = word.endsWith('!') ? 'failed' : 'ok';
      return { ...base, step: word.slice(0, -1), kind: 'finished', told: { outcome, reason: null, exitCode: 0 } };
    });
}

function written(events: readonly StepEvent[]): string {
  return stepsFrom(events)
    .map(({ step, output, outcome }) => `${step}(${output.join(',')})${outcome ?? '...'}`)
    .join(' ');
}

const CASES: readonly [name: string, events: string, steps: string][] = [
  ['nothing', '', ''],
  ['one under way', '+up', 'up()...'],
  ['output in order', '+up up:a up:b,c up.', 'up(a,b,c)ok'],
  ['two steps', '+pull pull:a pull. +up up!', 'pull(a)ok up()failed'],
  ['two side by side', '+web +db db:x web:y db. web.', 'web(y)ok db(x)ok'],
  ['a second try is a second step', '+up up:a up! +up up:b up.', 'up(a)failed up(b)ok'],
  ['a try whose end was lost', '+up up:a +up up:b up.', 'up(a)... up(b)ok'],
  ['a start that was lost', 'up:a up.', 'up(a)ok'],
];

describe('steps of a deployment', () => {
  for (const [name, events, steps] of CASES) test(name, () => assert.equal(written(eventsIn(events)), steps));

  test('lines that are missing are counted, and where they can be had is said', () => {
    const more = (missing: { dropped: number; leftOut: number }) =>
      stepsFrom([
        ...eventsIn('+up up:a'),
        { kind: 'output', step: 'up', at: AT, told: { lines: ['b'] }, ...missing },
      ])[0]?.output;
    assert.deepEqual(more({ dropped: 7, leftOut: 0 }), ['a', 'b', '(7 more lines were not kept)']);
    assert.deepEqual(more({ dropped: 7, leftOut: 3 }), [
      'a',
      'b',
      '(10 more lines are left out here; ask for this node alone)',
    ]);
    for (const { dropped, leftOut } of [
      { dropped: 7, leftOut: 0 },
      { dropped: 0, leftOut: 3 },
    ]) {
      assert.match(more({ dropped, leftOut })?.at(-1) ?? '', LINES_MISSING);
    }
  });

  test('what is kept of an event', () => {
    const about = { stack: 'web', revision: 1, deployment: null, step: 'up' };
    assert.deepEqual(stepTold({ type: 'stack.step.started', ...about, why: 'x' }), {
      kind: 'started',
      told: { why: 'x' },
    });
  });
});
