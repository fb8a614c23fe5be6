// Logs in the console: the lines that are held, their text, and what is said of those that are missing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { missingWords, partsOf, unknownWords } from '#clients/console/logs/coverage-words.ts';
import { inkClass, lookClass, sourceClass } from '#clients/console/logs/log-colours.ts';
import { aroundLine, downloadAddress, filterOf, logSearch } from '#clients/console/logs/log-search.ts';
import { matches, patternOf, piecesOf } from '#clients/console/logs/log-text.ts';
import { clockTime, dayOf, rangeWords } from '#clients/console/logs/log-time.ts';
import { type LogWindow, windowOf, withNewer, withOlder } from '#clients/console/logs/log-window.ts';
import { spansOf, textOf } from '#clients/sdk/log-spans.ts';
import type { LogItem } from '#clients/sdk/logs.ts';

const BEGIN = Date.parse('2026-11-29T00:00:00Z');
const lineOf = (number: number, atMs = number * 1000): LogItem => ({
  ...{
    type: 'line',
    id: `p${number}`,
    node: 'n',
    stack: 's',
    service: 'web',
    container: 'c',
    containerName: 's-web-1',
  },
  ...{
    deployment: null,
    stream: 'stdout',
    at: new Date(BEGIN + atMs).toISOString(),
    text: `line ${number}`,
    partial: false,
  },
});
const ids = ({ items }: LogWindow) => items.map(({ id }) => Number(id.slice(1)));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
const none: ReadonlySet<string> = new Set();

describe('the lines that are held', () => {
  const first = windowOf({
    items: range(10, 20)
      .reverse()
      .map((n) => lineOf(n)),
    nextCursor: 'c',
  });

  test('begin with a page, the newest last, and grow at both ends', () => {
    assert.deepEqual(ids(first), range(10, 20));
    const older = withOlder(first, {
      items: range(5, 11)
        .reverse()
        .map((n) => lineOf(n)),
      nextCursor: null,
    });
    assert.deepEqual(ids(older), range(5, 20));
    assert.equal(older.older, null);
    const known = new Set(['p19']);
    assert.deepEqual(ids(withNewer(older, [lineOf(19), lineOf(20), lineOf(21)], known, 100)), range(5, 22));
  });

  test('stand in order of time although nodes are not equally fast; what is late by far comes last', () => {
    const arrived = [lineOf(22), lineOf(21, 19_500), lineOf(23, 12_000), lineOf(24)];
    assert.deepEqual(ids(withNewer(first, arrived, none, 100)), [...range(10, 20), 21, 22, 23, 24]);
  });

  test('are as many as there is room for; what was let go is read again from where they begin now', () => {
    const held = withNewer(
      first,
      range(20, 25).map((n) => lineOf(n)),
      none,
      8,
    );
    assert.deepEqual(ids(held), range(17, 25));
    assert.deepEqual(held.older, { before: new Date(BEGIN + 17_001).toISOString() });
    const again = withOlder(held, {
      items: range(12, 18)
        .reverse()
        .map((n) => lineOf(n)),
      nextCursor: 'd',
    });
    assert.deepEqual(ids(again), range(12, 25));
    assert.deepEqual(again.older, { cursor: 'd' });
  });

  test('are each there once, whatever arrives when', () => {
    const arrivals = fc.array(fc.array(fc.nat(40), { maxLength: 6 }), { maxLength: 12 });
    fc.assert(
      fc.property(arrivals, (batches) => {
        const told = new Set<number>();
        let held: LogWindow = { items: [], older: null };
        for (const batch of batches) {
          const fresh = [...new Set(batch)].filter((n) => !told.has(n));
          for (const each of fresh) told.add(each);
          held = withNewer(
            held,
            fresh.map((n) => lineOf(n, n * 300)),
            none,
            1000,
          );
        }
        assert.deepEqual(
          ids(held).toSorted((a, b) => a - b),
          [...told].sort((a, b) => a - b),
        );
      }),
    );
  });
});

describe('the text of a line', () => {
  const shown = (line: string, search: object) =>
    piecesOf(line, patternOf(search))
      .pieces.map(({ text, isFound }) => (isFound ? `[${text}]` : text))
      .join('');

  test('has what is looked for marked, over the colours of its program', () => {
    for (const [line, search, expected] of [
      ['an error here', { text: 'error' }, 'an [error] here'],
      ['an Error here', { text: 'error' }, 'an [Error] here'],
      ['an error here', { text: 'Error' }, 'an error here'],
      ['\u001b[31mErr\u001b[0mor', { text: 'error' }, '[Err][or]'],
      ['a.c abc', { text: 'a.c' }, '[a.c] abc'],
      ['took 12 ms', { regex: '\\d+' }, 'took 12 ms'],
      ['took 12 ms', {}, 'took 12 ms'],
    ] as const) {
      assert.equal(shown(line, search), expected, JSON.stringify([line, search]));
    }
    assert.equal(matches('\u001b[31mErr\u001b[0mor', patternOf({ text: 'error' })), true);
    assert.equal(matches('fine', patternOf({ text: 'error' })), false);
  });

  test('has so many marks at most', () => {
    const { pieces } = piecesOf('ab'.repeat(2000), patternOf({ text: 'a' }));
    assert.equal(pieces.filter(({ isFound }) => isFound).length, 100);
    assert.equal(pieces.map(({ text }) => text).join('').length, 4000);
  });

  test('is all there, or as much as is shown, and the rest counted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.nat(50), (line, sought, most) => {
        const { pieces, rest } = piecesOf(line, patternOf({ text: sought === '' ? undefined : sought }), most);
        const whole = textOf(line);
        assert.equal(pieces.map(({ text }) => text).join(''), whole.slice(0, most));
        assert.equal(rest, Math.max(0, whole.length - most));
      }),
    );
  });

  test('has colours that can be read, whatever its program chose', () => {
    const look = (line: string) => lookClass(spansOf(line)[0]?.look as Parameters<typeof lookClass>[0]);
    assert.equal(look('\u001b[1;31mx'), 'text-log-red font-semibold');
    assert.equal(look('\u001b[30mx'), 'text-ink-2');
    assert.equal(look('\u001b[97;41mx'), 'text-ink rounded-xs bg-hover');
    assert.equal(look('x'), '');
    for (const [colour, expected] of [
      [9, 'text-log-red'],
      [208, 'text-log-yellow'],
      [21, 'text-log-blue'],
      [250, 'text-ink'],
      [[10, 200, 60], 'text-log-green'],
      [[200, 30, 190], 'text-log-magenta'],
    ] as const) {
      assert.equal(inkClass(colour), expected, String(colour));
    }
    for (const colour of range(0, 256)) assert.match(inkClass(colour), /^text-(log-[a-z]+|ink(-[23])?)$/);
    assert.equal(sourceClass('a b/c'), sourceClass('a b/c'));
  });
});

test('what stands in the address is what the core is asked, and no more', () => {
  const search = logSearch({ stack: 'web', text: 'x', line: 'p1', tab: 'logs', q: 'nodes', stream: 'both', since: 3 });
  assert.deepEqual(search, { stack: 'web', text: 'x', line: 'p1', stream: 'both' });
  assert.deepEqual(filterOf(search), { stack: 'web', text: 'x' });
  assert.deepEqual(filterOf({ ...search, mark: 'on', stream: 'stderr' }), { stack: 'web', stream: 'stderr' });
  assert.deepEqual(filterOf({ regex: 'a+', mark: 'on' }), { regex: 'a+' });
  assert.equal(
    downloadAddress({ stack: 'web', text: 'a b' }, 'ndjson'),
    '/api/logs/download?stack=web&text=a+b&format=ndjson',
  );
  assert.deepEqual(aroundLine({ stack: 'web', text: 'x' }, 'p1', '2026-01-02T03:04:05.123456789Z'), {
    ...{ stack: 'web', line: 'p1' },
    ...{ since: '2026-01-02T03:03:05.123Z', until: '2026-01-02T03:05:05.123Z' },
  });
});

test('times and ranges are told as they are read', () => {
  assert.equal(clockTime('2026-01-02T03:04:05.123456789Z', 'utc'), '03:04:05.123');
  assert.equal(clockTime('soon', 'utc'), 'soon');
  assert.equal(dayOf('2026-01-02T23:59:59Z', 'utc'), '2026-01-02');
  assert.deepEqual(
    [rangeWords(undefined, undefined), rangeWords('15m', undefined), rangeWords('2h', 'x')],
    ['All time', 'Last 15m', '2h ago –  x'],
  );
});

test('what is held is drawn and told', () => {
  const gap = { reason: 'rate-limited', since: null, until: null } as const;
  const file = {
    held: [
      { from: 100, to: 500 },
      { from: 600, to: 1000 },
    ],
    gaps: [
      { ...gap, from: 500, to: 600 },
      { ...gap, reason: 'rotated' as const, from: null, to: null },
    ],
    unknown: [{ from: 0, to: 100 }],
  };
  assert.deepEqual(partsOf(file), [
    { kind: 'held', from: 10, width: 40 },
    { kind: 'held', from: 60, width: 40 },
    { kind: 'unknown', from: 0, width: 10 },
    { kind: 'gap', from: 50, width: 10 },
  ]);
  assert.deepEqual(missingWords(file), [
    '100 lines: more than the rate of the stack',
    'an unknown number of lines: the engine removed them before they were read',
  ]);
  assert.equal(unknownWords(file), '100 lines removed here to make room, or on the way');
  assert.equal(unknownWords({ unknown: [] }), null);
  for (const { from, width } of partsOf({ held: [], gaps: [{ ...gap, from: 999_999, to: 1_000_000 }], unknown: [] }))
    assert.ok(width > 0.5 && from + width <= 100);
  assert.deepEqual(partsOf({ held: [], gaps: [], unknown: [] }), []);
});
