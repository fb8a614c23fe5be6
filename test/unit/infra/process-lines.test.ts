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

test('a line is cut only where it may be, however it came', () => {
  // A run of the letter v is to stay in one piece.
  const cuts = {
    reach: 100,
    at: (text: string, wanted: number) => {
      let at = wanted;
      while (text[at] === 'v' && text[at - 1] === 'v') at += 1;
      return at;
    },
  };
  for (const before of [LONGEST_LINE - 1, LONGEST_LINE - 50, LONGEST_LINE - 99, LONGEST_LINE + 3]) {
    const text = `${'x'.repeat(before)}${'v'.repeat(100)}${'y'.repeat(LONGEST_LINE + 200)}`;
    for (const size of [text.length, 1000, 777]) {
      for (const end of ['', '\n']) {
        const cutter = new LineCutter(cuts);
        const lines: string[] = [];
        for (let at = 0; at < text.length; at += size) lines.push(...cutter.push(text.slice(at, at + size)));
        lines.push(...cutter.push(end), ...cutter.end());
        assert.equal(lines.join(''), text);
        assert.equal(lines.filter((line) => line.includes('v'.repeat(100))).length, 1, `${before} by ${size}`);
        assert.equal(lines.filter((line) => line.includes('v')).length, 1);
      }
    }
  }
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
