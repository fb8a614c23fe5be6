import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secondLook } from '#test/run/second-look.ts';
import { selection } from '#test/run/selection.ts';
import { closingLines, parseOutcome } from '#test/run/totals.ts';

const FILES = [
  'test/unit/b.test.ts',
  'test/unit/a.test.ts',
  'test/integration/nats/bus.test.ts',
  'test/e2e/first.test.ts',
  'test/chaos/long.test.ts',
];
const chosen = (...words: string[]) => selection(FILES, words).map(({ name, files }) => [name, files]);

test('without words every test runs but the long ones', () => {
  assert.deepEqual(chosen(), [
    ['unit', ['test/unit/a.test.ts', 'test/unit/b.test.ts']],
    ['integration', ['test/integration/nats/bus.test.ts']],
    ['end to end', ['test/e2e/first.test.ts']],
  ]);
});

test('the word chaos runs the long ones alone, a path those that have it', () => {
  assert.deepEqual(chosen('chaos'), [['chaos', ['test/chaos/long.test.ts']]]);
  assert.deepEqual(chosen('chaos', 'other'), []);
  assert.deepEqual(chosen('test/integration/nats'), [['integration', ['test/integration/nats/bus.test.ts']]]);
  assert.deepEqual(chosen('test/chaos/long.test.ts'), [['chaos', ['test/chaos/long.test.ts']]]);
  assert.deepEqual(chosen('a.test.ts', 'first'), [
    ['unit', ['test/unit/a.test.ts']],
    ['end to end', ['test/e2e/first.test.ts']],
  ]);
  assert.deepEqual(chosen('nothing'), []);
});

test('the closing lines add up what all groups counted', () => {
  const counts = { tests: 3, suites: 0, pass: 2, fail: 1, cancelled: 0, skipped: 0, todo: 0 };
  const outcome = { counts, failedFiles: ['test/unit/a.test.ts'] };
  assert.deepEqual(parseOutcome(JSON.stringify(outcome)), outcome);
  assert.deepEqual(closingLines([counts, counts], 12.4).split('\n').slice(0, 4), [
    'ℹ tests 6',
    'ℹ suites 0',
    'ℹ pass 4',
    'ℹ fail 2',
  ]);
  for (const broken of ['', '{', 'null', '{"counts":{"tests":1},"failedFiles":[]}']) {
    assert.equal(parseOutcome(broken), null);
  }
});

test('what failed beside others is looked at alone; pure tests, a lone file and a flood of faults are not', () => {
  const [unit, integration] = selection([...FILES, 'test/integration/other.test.ts'], []);
  assert.ok(unit && integration);
  const [file = ''] = integration.files;
  assert.deepEqual(
    secondLook([{ group: integration, files: [file] }]).map(({ name, files }) => [name, files]),
    [[`alone: ${file}`, [file]]],
  );
  assert.deepEqual(secondLook([]), []);
  assert.deepEqual(
    secondLook([
      { group: unit, files: ['test/unit/a.test.ts'] },
      { group: integration, files: [file] },
    ]),
    [],
  );
  assert.deepEqual(secondLook([{ group: integration, files: Array<string>(5).fill(file) }]), []);
  const [lone] = selection(FILES, ['test/integration']);
  assert.ok(lone);
  assert.deepEqual(secondLook([{ group: lone, files: [...lone.files] }]), []);
});
