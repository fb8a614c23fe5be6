// Pages out of chunks that overlap in time: any chunks, any page size and both ways give exactly the sorted list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogEntry } from '#services/logs/entry.ts';
import { contentOf, type Found } from '#services/logs/read/items.ts';
import { boundOf, foremost, pageOf } from '#services/logs/read/page.ts';
import {
  afterAll,
  beforeAll,
  compare,
  cursorOf,
  END_OF_TIME,
  inOrder,
  type Order,
  placeOf,
  readCursor,
  readPlace,
  type TimePlace,
} from '#services/logs/read/place.ts';
import { entryOf } from './entries.ts';

const times = fc.array(fc.array(fc.bigInt({ min: 0n, max: 30n }), { minLength: 1, maxLength: 8 }), {
  minLength: 1,
  maxLength: 12,
});

/** As the reader goes through chunks: those across its place, then those beyond, until it may stop, or has to. */
function readPage(entries: readonly LogEntry[], order: Order, limit: number, from: TimePlace, patience: number) {
  const paging = { order, limit };
  const precedes = inOrder(order);
  const edge = (entry: LogEntry) => (order === 'forward' ? beforeAll(entry.from) : afterAll(entry.to));
  let found: Found[] = [];
  const take = (entry: LogEntry) => {
    found = foremost([...found, ...contentOf(entry).filter((one) => precedes(from, one) < 0)], paging);
  };
  for (const entry of entries) if (entry.from <= from.at && entry.to >= from.at) take(entry);
  const beyond = entries.filter((entry) => (order === 'forward' ? entry.from > from.at : entry.to < from.at));
  let taken = 0;
  for (const entry of beyond.sort(
    (a, b) => precedes(edge(a), edge(b)) || (order === 'forward' ? a.id - b.id : b.id - a.id),
  )) {
    const bound = boundOf(found, paging);
    if (bound && precedes(bound, edge(entry)) < 0) return pageOf(found, paging, null);
    if (taken >= patience) return pageOf(found, paging, edge(entry));
    take(entry);
    taken += 1;
  }
  return pageOf(found, paging, null);
}

test('every page size, both ways, also when each search is cut short', () => {
  fc.assert(
    fc.property(
      times,
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom<Order>('forward', 'backward'),
      fc.integer({ min: 1, max: 20 }),
      (chunks, limit, order, patience) => {
        const entries = chunks.map((own, index) => entryOf(index + 1, own));
        const sorted = entries.flatMap(contentOf).sort(compare).map(placeOf);
        const expected = order === 'forward' ? sorted : sorted.toReversed();
        const shown: string[] = [];
        let from = order === 'forward' ? beforeAll(0n) : beforeAll(END_OF_TIME);
        for (let turn = 0; ; turn += 1) {
          assert.ok(turn <= expected.length + entries.length, 'each page goes on');
          const page = readPage(entries, order, limit, from, patience);
          shown.push(...page.items.map(({ id }) => id));
          if (page.nextCursor === null) break;
          from = readCursor(page.nextCursor);
        }
        assert.deepEqual(shown, expected);
      },
    ),
  );
});

test('control: pages that trust the order of chunks are wrong as soon as two overlap', () => {
  const entries = [entryOf(1, [0n, 10n]), entryOf(2, [5n])];
  const naive = entries.flatMap(contentOf).map(placeOf);
  assert.notDeepEqual(naive, entries.flatMap(contentOf).sort(compare).map(placeOf));
});

test('a cursor is read as it was written, and nothing else is one', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: END_OF_TIME }),
      fc.integer({ min: -1, max: 2 ** 40 }),
      fc.integer({ min: -1, max: 1e6 }),
      (at, id, index) => {
        assert.deepEqual(readCursor(cursorOf({ at, id, index })), { at, id, index });
      },
    ),
  );
  assert.deepEqual(readCursor(cursorOf(afterAll(7n))), afterAll(7n));
  for (const text of [
    '',
    't',
    't1.1',
    't1.1.x',
    't-1.1.1',
    't1.1.1 ',
    `t${'9'.repeat(19)}.1.1`,
    't1.1.12345678901234567',
  ]) {
    assert.throws(() => readCursor(text), { code: 'invalid-input' }, text);
  }
});

test('a place is read as it was written, and nothing else is one', () => {
  for (const place of [
    { id: 5, index: null },
    { id: 5, index: 0 },
    { id: 2 ** 40, index: 4999 },
  ]) {
    assert.deepEqual(readPlace(placeOf(place)), place);
  }
  for (const text of ['', '-', '1-', '-1', '1-1-1', '1.5', '1'.repeat(16), ' 1']) {
    assert.throws(() => readPlace(text), { code: 'invalid-input' }, text);
  }
});
