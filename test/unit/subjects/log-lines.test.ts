// Lines of a chunk come back as they were, whatever they hold; what is no chunk is refused whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeLines, type EncodedLine, encodeLines } from '#subjects/schema/log-lines.ts';

const line: fc.Arbitrary<EncodedLine> = fc.record(
  {
    stream: fc.constantFrom('stdout', 'stderr'),
    isPiece: fc.boolean(),
    at: fc.bigInt({ min: 0n, max: 9_999_999_999_999_999_999n }),
    rows: fc.integer({ min: 1, max: 1_000_000 }),
    text: fc.string({ unit: 'binary', maxLength: 60 }),
  },
  { noNullPrototype: true },
);

test('any lines come back', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 9_999_999_999_999_999_999n }),
      fc.array(line, { minLength: 1 }),
      (from, lines) => {
        assert.deepEqual(decodeLines(from, encodeLines(from, lines)), lines);
      },
    ),
    { numRuns: 2000 },
  );
});

test('times before the one before, joined rows, pieces and escapes have a short form', () => {
  const at = 1_000n;
  const text = encodeLines(at, [
    { stream: 'stdout', isPiece: false, at: 1_000n, rows: 1, text: 'plain' },
    { stream: 'stderr', isPiece: true, at: 964n, rows: 4, text: 'a\u001b[0m"\n' },
  ]);
  assert.equal(text, 'o0 plain\nE-10.4 a\\u001b[0m\\"\\n');
});

test('what is no row is refused, and never throws', () => {
  for (const text of ['', 'x1 a', 'o1', 'o a', 'o1.', 'o1 a\n', 'o1.zzzzzzz a'])
    assert.equal(decodeLines(0n, text), null, text);
  fc.assert(fc.property(fc.string(), (text) => void decodeLines(0n, text)));
});

test('a text that is no JSON string stands as it is', () => {
  assert.equal(decodeLines(0n, 'o1 a\\q')?.[0]?.text, 'a\\q');
});
