import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineCutter, LONGEST_LINE, OutputTail } from '#infra/process/lines.ts';

function cut(pieces: readonly string[]): string[] {
  const cutter = new LineCutter();
  return [...pieces.flatMap((piece) => cutter.push(piece)), ...cutter.end()];
}

test('lines are the same however the text was cut', () => {
  const line = fc.string({ maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, ' '));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(200)), (lines, cuts) => {
      const text = lines.map((each) => `${each}\n`).join('');
      const places = [0, ...cuts.map((at) => Math.min(at, text.length)).sort((a, b) => a - b), text.length];
      const pieces = places.slice(1).map((end, index) => text.slice(places[index], end));
      assert.deepEqual(cut(pieces), lines);
    }),
  );
});

test('a last line without newline is told at the end, and return characters belong to the line end', () => {
  assert.deepEqual(cut(['a\r\nb', 'c\r', '\nlast']), ['a', 'bc', 'last']);
});

test('a line that never ends is handed on in pieces', () => {
  const cutter = new LineCutter();
  const first = cutter.push('x'.repeat(LONGEST_LINE + 10));
  assert.deepEqual(
    first.map((line) => line.length),
    [LONGEST_LINE],
  );
  assert.deepEqual(cutter.end(), ['x'.repeat(10)]);
  assert.ok(cut([`${'y'.repeat(3 * LONGEST_LINE)}\n`]).every((line) => line.length <= LONGEST_LINE));
});

test('an output keeps its end within the bound', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 50 }), (pieces, limit) => {
      const tail = new OutputTail(limit);
      for (const piece of pieces) tail.push(piece);
      const all = pieces.join('');
      assert.equal(tail.text(), all.slice(Math.max(0, all.length - limit)));
      assert.equal(tail.isTruncated, all.length > limit);
    }),
  );
});
