// What is kept of what comes: any cuts, any order, any repetition make each row held once, and gaps give way to rows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cutChunk } from '#services/logs/ingest/cut.ts';
import { fileKey, type HeldRows, planOf } from '#services/logs/ingest/plan.ts';
import { joined, type Range, without } from '#services/logs/ingest/ranges.ts';
import { contentOf } from '#services/logs/read/items.ts';
import { packText, unpackLines } from '#services/logs/text.ts';
import { encodeLines } from '#subjects/schema/log-lines.ts';
import { chunkOf, entryOf, FILE, gapOf } from './entries.ts';

describe('ranges', () => {
  const cases: [Range, Range[], Range[]][] = [
    [{ from: 0, to: 10 }, [], [{ from: 0, to: 10 }]],
    [{ from: 0, to: 10 }, [{ from: 0, to: 10 }], []],
    [{ from: 0, to: 10 }, [{ from: 10, to: 20 }], [{ from: 0, to: 10 }]],
    [
      { from: 0, to: 10 },
      [{ from: 3, to: 5 }],
      [
        { from: 0, to: 3 },
        { from: 5, to: 10 },
      ],
    ],
    [
      { from: 5, to: 10 },
      [
        { from: 8, to: 12 },
        { from: 0, to: 6 },
      ],
      [{ from: 6, to: 8 }],
    ],
    [
      { from: 0, to: 9 },
      [
        { from: 1, to: 5 },
        { from: 2, to: 3 },
      ],
      [
        { from: 0, to: 1 },
        { from: 5, to: 9 },
      ],
    ],
  ];
  for (const [range, others, expected] of cases) {
    test(`${range.from}-${range.to} without ${JSON.stringify(others)}`, () =>
      assert.deepEqual(without(range, others), expected));
  }
  test('those that touch are one', () => {
    assert.deepEqual(
      joined([
        { from: 4, to: 6 },
        { from: 0, to: 2 },
        { from: 2, to: 4 },
        { from: 8, to: 9 },
      ]),
      [
        { from: 0, to: 6 },
        { from: 8, to: 9 },
      ],
    );
  });
});

/** A store that does what plans say. */
function store() {
  let held: HeldRows[] = [];
  let id = 0;
  return {
    rows: () => held.filter(({ isGap }) => !isGap),
    gaps: () => held.filter(({ isGap }) => isGap),
    add(entries: Parameters<typeof planOf>[0]) {
      const { chunks, gaps, narrowed, split } = planOf(entries, new Map([[fileKey('n', 'c', FILE), held]]));
      held = held.flatMap((one) => {
        const range = narrowed.get(one.id);
        return range === undefined ? [one] : range === null ? [] : [{ ...one, ...range }];
      });
      const keep = (range: Range, isGap: boolean) => {
        id += 1;
        held.push({ from: range.from, to: range.to, id, isGap });
      };
      for (const { range } of split) keep(range, true);
      for (const { free } of chunks) for (const range of free) keep(range, false);
      for (const { first, rows } of gaps)
        if (first !== null && rows !== null) keep({ from: first, to: first + rows }, true);
    },
  };
}

const part = fc.record({ from: fc.nat(40), size: fc.integer({ min: 1, max: 15 }), isGap: fc.boolean() });

test('each row is held once or told as missing once, whatever came', () => {
  fc.assert(
    fc.property(fc.array(fc.array(part, { minLength: 1, maxLength: 4 }), { maxLength: 12 }), (batches) => {
      const made = store();
      const rows = new Set<number>();
      const told = new Set<number>();
      for (const batch of batches) {
        made.add(batch.map(({ from, size, isGap }) => (isGap ? gapOf(from, size) : chunkOf(from, size))));
        for (const { from, size, isGap } of batch) {
          for (let row = from; row < from + size; row += 1) (isGap ? told : rows).add(row);
        }
        const numbers = (ranges: readonly Range[]) =>
          ranges
            .flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index))
            .sort((a, b) => a - b);
        assert.deepEqual(
          numbers(made.rows()),
          [...rows].sort((a, b) => a - b),
        );
        assert.deepEqual(
          numbers(made.gaps()),
          [...told].filter((row) => !rows.has(row)).sort((a, b) => a - b),
        );
      }
    }),
  );
});

test('a line stands at the last of the rows it counts: those before it were not sent', () => {
  const lines = [
    { stream: 'stdout' as const, isPiece: false, at: 1n, rows: 50, text: 'row 49' },
    { stream: 'stdout' as const, isPiece: false, at: 2n, rows: 10, text: 'row 59' },
  ];
  const chunk = { ...chunkOf(0, 1), rows: 60, lines: 2, from: 1n, to: 2n, ...packText(encodeLines(1n, lines)) };
  const cut = (free: Range[]) =>
    cutChunk(chunk, free).map((one) => [
      one.first,
      one.rows,
      one.lines,
      contentOf({ ...entryOf(1, [0n]), ...one }).map(({ line }) => line?.text),
    ]);
  assert.deepEqual(cut([{ from: 0, to: 40 }]), [[0, 40, 0, []]]);
  assert.deepEqual(
    cut([
      { from: 0, to: 49 },
      { from: 50, to: 60 },
    ]),
    [
      [0, 49, 0, []],
      [50, 10, 1, ['row 59']],
    ],
  );
  assert.deepEqual(cut([{ from: 49, to: 55 }]), [[49, 6, 1, ['row 49']]]);
});

test('a chunk that is cut has exactly the lines of its free rows', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.integer({ min: 1, max: 30 }), fc.array(part, { maxLength: 4 }), (first, size, held) => {
      const chunk = chunkOf(first, size);
      const taken = held.map(({ from, size: rows }) => ({ from, to: from + rows }));
      const free = without({ from: first, to: first + size }, taken);
      const parts = cutChunk(chunk, free);
      assert.deepEqual(
        parts.map((one) => ({ from: one.first, to: one.first + one.rows })),
        free,
      );
      const texts = parts.flatMap((one) => {
        const lines = unpackLines(one, one.data) ?? assert.fail();
        assert.equal(lines.length, one.lines);
        for (const { at } of lines) assert.ok(at >= one.from && at <= one.to);
        return lines.map(({ text }) => text);
      });
      const expected = free.flatMap(({ from, to }) =>
        Array.from({ length: to - from }, (_, index) => `row ${from + index}`),
      );
      assert.deepEqual(texts, expected);
    }),
  );
});
