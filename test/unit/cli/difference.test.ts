// The difference of two texts: small, right, and bounded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { difference } from '#clients/cli/output/difference.ts';

const names = ['a', 'b'] as const;

/** Applies hunks as `patch` does. */
function patched(text: string, told: readonly string[]): string {
  const source = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const made: string[] = [];
  let at = 0;
  for (const line of told.slice(2)) {
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@$/.exec(line);
    if (hunk) {
      const begin = hunk[2] === '0' ? Number(hunk[1]) : Number(hunk[1]) - 1;
      made.push(...source.slice(at, begin));
      at = begin;
    } else {
      if (line[0] !== '+') assert.equal(line.slice(1), source[at]);
      if (line[0] !== '-') made.push(line.slice(1));
      if (line[0] !== '+') at += 1;
    }
  }
  return [...made, ...source.slice(at)].map((line) => `${line}\n`).join('');
}

test('as diff -u says it', () => {
  assert.deepEqual(difference('a\nb\nc\nd\ne\nf\n', 'a\nb\nc\nD\ne\nf\n', names), [
    ...['--- a', '+++ b', '@@ -1,6 +1,6 @@', ' a', ' b', ' c', '-d', '+D', ' e', ' f'],
  ]);
  assert.deepEqual(difference('', 'x\n', names), ['--- a', '+++ b', '@@ -0,0 +1 @@', '+x']);
  assert.deepEqual(difference('x\n', 'x\n', names), []);
  const far = Array.from({ length: 30 }, (_, index) => `line ${index}\n`);
  const changed = far.with(2, 'two\n').with(25, 'many\n');
  assert.equal(difference(far.join(''), changed.join(''), names).filter((line) => line.startsWith('@@')).length, 2);
});

test('applied to the one it gives the other, and says no line too much', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'services:', '  web:'), { maxLength: 30 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));
  fc.assert(
    fc.property(text, text, (a, b) => {
      const told = difference(a, b, names);
      assert.equal(patched(a, told), b);
      if (a === b) assert.deepEqual(told, []);
    }),
    { numRuns: 2000 },
  );
});

test('texts that have nothing in common take no longer than a moment', () => {
  const a = Array.from({ length: 20_000 }, (_, index) => `a${index}\n`).join('');
  const b = Array.from({ length: 20_000 }, (_, index) => `b${index}\n`).join('');
  const begun = performance.now();
  assert.equal(patched(a, difference(a, b, names)), b);
  assert.ok(performance.now() - begun < 5_000);
});
