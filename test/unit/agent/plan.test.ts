import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plan } from '#agent/stacks/plan.ts';
import { describe } from '#agent/stacks/steps.ts';
import { desired, NOW, observed, planText, stack } from './notation.ts';

// observed | desired | images that are missing | plan
const CASES: readonly (readonly [string, string, string, string])[] = [
  ['', '', '', ''],
  ['', 'web@b', '', 'up web@b'],
  ['', 'web@b', 'image-b', 'pull web@b | up web@b'],
  ['web@b:run', 'web@b', '', ''],
  ['web@a:run', 'web@b', '', 'up web@b'],
  ['web@a:run', 'web@b', 'image-b', 'pull web@b | up web@b'],
  ['web@a:run', 'web@b', 'image-x', 'up web@b'],
  ['web@b:exit', 'web@b', '', 'up web@b[a]'],
  ['web@b:done', 'web@b', '', ''],
  ['web@b:gone', 'web@b', '', 'up web@b'],
  // A repair runs no job again that has ended.
  ['web@b:jrun', 'web@b', '', ''],
  ['web@b:jexit', 'web@b', '', 'up web@b[a]'],
  ['web@b:jgone', 'web@b', '', 'up web@b[a]'],
  ['web@b:jalien', 'web@b', '', 'up web@b[a]'],
  ['web@b:jhalt', 'web@b', '', 'up web@b[a]'],
  ['web@b:jtag', 'web@b', '', 'up web@b[a]'],
  ['web@a:jrun', 'web@b', '', 'up web@b'],
  ['web@b:jexit+', 'web@b?', '', 'up web@b[a]'],
  ['web@b:new', 'web@b', '', 'up web@b'],
  // What did not come up waits longer each time; another version does not wait for it.
  ['web@b:exitx1', 'web@b', '', 'blocked web 1s'],
  ['web@b:exitx2', 'web@b', '', 'blocked web 2s'],
  ['web@b:exitx4', 'web@b', '', 'blocked web 8s'],
  ['web@b:exitx9', 'web@b', '', 'blocked web 60s'],
  ['web@b:runx3', 'web@b', '', ''],
  ['web@a:exitx9', 'web@b', '', 'up web@b'],
  ['web@b:exitx9 db@c:exit', 'web@b db@c', '', 'up db@c[a] | blocked web 60s'],
  // Absence never deletes.
  ['web@a:run db@c:run', 'web@a', '', ''],
  ['web@a:run', '', '', ''],
  ['web@a:run', '-web', '', 'down web'],
  ['web@a:run', '-web!', '', 'down web!'],
  ['web@a:gone', '-web', '', 'down web'],
  ['', '-web', '', 'down web'],
  ['web@a:run', 'web@a -web', '', ''],
  // Stopped is a state, not an absence.
  ['web@a:run', 'web@a:stop', '', 'stop web@a'],
  ['web@a:exit', 'web@a:stop', '', ''],
  ['', 'web@a:stop', '', ''],
  ['web@a:stopped', 'web@a:stop', '', ''],
  ['web@a:stopped', 'web@a', '', 'up web@a'],
  // Half done, or half undone.
  ['web@a:begun', 'web@a', '', 'up web@a'],
  // Back to the last good one, and only for what was given up; always by one `up`.
  ['web@b:exit<a', 'web@b~', '', 'up web@b[a]'],
  ['web@b:exit<a!b', 'web@b~', '', 'up web@a'],
  ['web@b:run<a!b', 'web@b~', '', 'up web@a'],
  ['web@a:begun<a!b', 'web@b~', '', 'up web@a'],
  ['web@a:run<a!b', 'web@b~', '', ''],
  ['web@a:exit<a!b', 'web@b~', '', 'up web@a[a]'],
  ['web@a:exitx9<a!b', 'web@b~', '', 'blocked web 60s'],
  ['web@a:run<a!b', 'web@b', '', 'up web@b'],
  ['web@b:exit!b', 'web@b~', '', 'up web@b[a]'],
  ['web@a:run<a!b', 'web@c~', '', 'up web@c'],
  ['web@a:run<a!b', 'web@a~', '', ''],
  ['web@a:run<a!b', 'web@b~:stop', '', 'stop web@b'],
  ['web@b:exit<a!b', 'web@b~', 'image-a', 'pull web@a | up web@a'],
  // Changed by hand: put right.
  ['web@a:halt', 'web@a', '', 'up web@a'],
  ['web@a:alien', 'web@a', '', 'up web@a'],
  ['web@a:conf', 'web@a', '', 'up web@a'],
  ['web@a:tag', 'web@a', '', 'up web@a'],
  ['web@a:file', 'web@a', '', 'up web@a'],
  ['web@a:mem', 'web@a', '', 'recreate web@a'],
  ['web@a:memx2', 'web@a', '', 'recreate web@a'],
  ['web@a:tag', 'web@b', '', 'up web@b'],
  ['web@a:old', 'web@a', '', 'recreate web@a'],
  ['web@a:old', 'web@b', '', 'up web@b'],
  // Only told: nothing but what ended by itself is touched.
  ['web@a:gone+', 'web@a?', '', ''],
  ['web@a:halt+', 'web@a?', '', ''],
  ['web@a:alien+', 'web@a?', '', ''],
  ['web@a:conf+', 'web@a?', '', ''],
  ['web@a:tag+', 'web@a?', '', ''],
  ['web@a:file+', 'web@a?', '', ''],
  ['web@a:mem+', 'web@a?', '', ''],
  ['web@a:exit+', 'web@a?', '', 'up web@a[a]'],
  ['web@a:halt', 'web@b?', '', 'up web@b'],
  ['web@a:old+', 'web@a?', '', 'recreate web@a'],
  // Deployed anew, it is made what it should be.
  ['web@a:gone', 'web@a?', '', 'up web@a'],
  ['web@a:mem', 'web@a?', '', 'recreate web@a'],
];

for (const [seen, wanted, missing, expected] of CASES) {
  test(`observed '${seen}', desired '${wanted}'${missing && `, without ${missing}`}: ${expected || 'nothing'}`, () => {
    assert.equal(planText(plan(desired(wanted), observed(seen, missing ? [missing] : []), NOW)), expected);
  });
}

test('a paused node changes nothing and says what waits', () => {
  const planned = plan(desired('web@b -db', { paused: true }), observed('db@a:run'), NOW);
  assert.equal(planText(planned), 'blocked web resumed | blocked db resumed');
});

test('where the text asks for more than missing images, Compose follows it', () => {
  const more = [
    stack('web', 'b', { compose: 'services: {a: {image: x, pull_policy: always}}' }),
    stack('web', 'b', { compose: 'services: {a: {build: .}}' }),
    stack('web', 'b', { compose: 'include: [other.yaml]\nservices: {}' }),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose's own form
    stack('web', 'b', { compose: 'services: {a: {image: "x:${TAG:-1}"}}' }),
  ];
  for (const target of more) {
    const { steps } = plan({ ...desired(''), stacks: [target] }, observed('', ['x']), NOW);
    assert.deepEqual(
      steps.map((step) => step.kind === 'up' && step.pull),
      ['as-written'],
    );
  }
});

test('a removal that was carried out is not carried out again', () => {
  const seen = observed('web@a:run');
  const web = seen.stacks.get('web');
  assert.ok(web?.record);
  const record = (removedGeneration: number) =>
    ({ ...web, record: { ...web.record, removedGeneration } }) as typeof web;
  const planned = (generation: number) =>
    planText(plan(desired('-web'), { ...seen, stacks: new Map([['web', record(generation)]]) }, NOW));
  assert.equal(planned(7), '');
  assert.equal(planned(6), 'down web', 'control: an earlier removal does not count');
});

test('every step says in a sentence what it does and why', () => {
  const { steps } = plan(desired('web@b -db!'), observed('web@a:run db@c:run', ['image-b']), NOW);
  assert.deepEqual(steps.map(describe), [
    'pull a of web: image-b is not here yet',
    'bring up web revision 1: revision 1 replaces revision unknown',
    'take down db with its volumes: it was removed',
  ]);
});

test('a repair says what it undoes, a rollback what failed', () => {
  const why = (seen: string, wanted: string) => plan(desired(wanted), observed(seen), NOW).steps.map(describe);
  assert.deepEqual(why('web@a:mem', 'web@a'), [
    'make a of web anew: it was changed by hand: memory of web-a-1 is 32 instead of 64',
  ]);
  assert.deepEqual(why('web@a:gone', 'web@a'), [
    'bring up web revision 1: it was changed by hand: web-a-1 was removed',
  ]);
  assert.deepEqual(why('web@b:exit<a!b', 'web@b~'), [
    'bring up web revision 1: revision 2 failed: it crashed; going back to revision 1',
  ]);
});

test('what ended by itself beside a hand-made change is started alone', () => {
  const seen = observed('web@a:file+').stacks.get('web');
  assert.ok(seen);
  const containers = seen.containers.map((one) => ({ ...one, state: 'exited' as const, exitCode: 1 }));
  const stacks = new Map([['web', { ...seen, containers }]]);
  const planned = (flag: string) => planText(plan(desired(`web@a${flag}`), { stacks, missingImages: new Set() }, NOW));
  assert.equal(planned('?'), 'start web@a');
  assert.equal(planned(''), 'up web@a', 'control');
});

const names = ['web', 'db', 'cache', 'job'];
const plain = ['run', 'exit', 'done', 'gone', 'new', 'stopped', 'exitx1', 'exitx9'];
const states = [
  ...plain,
  'begun',
  'halt',
  'alien',
  'conf',
  'mem',
  'tag',
  'file',
  'old',
  'exit<a!b',
  'run<a!b',
  'gone<b!a',
];
const seenArbitrary = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...names), fc.constantFrom('a', 'b'), fc.constantFrom(...states)), {
    selector: ([name]) => name,
  })
  .map((stacks) => stacks.map(([name, hash, state]) => `${name}@${hash}:${state}`));
const wantedArbitrary = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom(...names),
      fc.constantFrom('a', 'b'),
      fc.constantFrom('run', 'run~', 'run?', 'stop', 'removed', 'removed!'),
    ),
    { selector: ([name]) => name },
  )
  .map((stacks) =>
    stacks.map(([name, hash, kind]) => {
      if (kind.startsWith('removed')) return `-${name}${kind.endsWith('!') ? '!' : ''}`;
      return `${name}@${hash}${kind === 'stop' ? ':stop' : kind.slice(3)}`;
    }),
  );

test('whatever is seen and wanted: nothing unnamed is touched, one change a stack, volumes only when asked', () => {
  fc.assert(
    fc.property(seenArbitrary, wantedArbitrary, (seen, wanted) => {
      const { steps, blocked } = plan(desired(wanted.join(' ')), observed(seen.join(' ')), NOW);
      for (const step of steps) {
        assert.ok(wanted.some((word) => word.replace(/^-/, '').split(/[@!~?]/)[0] === step.stack));
        if (step.kind === 'down') assert.equal(step.volumes, wanted.includes(`-${step.stack}!`));
        if (step.kind === 'down') assert.ok(wanted.some((word) => word.startsWith(`-${step.stack}`)));
        assert.notEqual(step.why, '');
      }
      const changing = steps.filter(({ kind }) => kind !== 'pull').map((step) => step.stack);
      assert.equal(new Set(changing).size, changing.length);
      assert.ok(!blocked.some((wait) => changing.includes(wait.stack)));
    }),
    { numRuns: 2000 },
  );
});

test('the order of stacks changes nothing, and neither does asking twice', () => {
  fc.assert(
    fc.property(seenArbitrary, wantedArbitrary, (seen, wanted) => {
      const steps = (a: string[], b: string[]) => planText(plan(desired(b.join(' ')), observed(a.join(' ')), NOW));
      const sorted = (text: string) => text.split(' | ').toSorted();
      assert.equal(steps(seen, wanted), steps(seen, wanted));
      assert.deepEqual(sorted(steps(seen.toReversed(), wanted.toReversed())), sorted(steps(seen, wanted)));
    }),
    { numRuns: 3000 },
  );
});

test('once every step was carried out nothing is left to do', () => {
  fc.assert(
    fc.property(seenArbitrary, wantedArbitrary, (seen, wanted) => {
      const state = new Map(seen.map((word) => [word.split('@')[0] ?? '', word.replace(/(?:x\d)?\+?$/, '')]));
      const memory = new Map(seen.map((word) => [word.split('@')[0] ?? '', /[<!].*$/.exec(word)?.[0] ?? '']));
      const document = desired(wanted.join(' '));
      const removed = new Set<string>();
      const look = () => {
        const found = observed([...state.values()].join(' '));
        const withoutRemoved = document.removed.filter(({ name }) => !removed.has(name));
        return plan({ ...document, removed: withoutRemoved }, found, NOW);
      };
      for (const step of look().steps) {
        const kept = memory.get(step.stack) ?? '';
        if (step.kind === 'up' || step.kind === 'recreate') {
          state.set(step.stack, `${step.stack}@${step.target.hash[0]}:run${kept}`);
        }
        if (step.kind === 'stop') state.set(step.stack, `${step.stack}@${step.target.hash[0]}:stopped${kept}`);
        if (step.kind !== 'down') continue;
        state.delete(step.stack);
        removed.add(step.stack);
      }
      assert.equal(planText(look()), '');
    }),
    { numRuns: 3000 },
  );
});
