// What is looked for, and what is refused before anything is looked at.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faultOf } from '#services/logs/ingest/validity.ts';
import { isFrom, isWithin, nanosecondsOf, searchOf, timeText } from '#services/logs/read/filter.ts';
import { END_OF_TIME } from '#services/logs/read/place.ts';
import type { LogChunk } from '#subjects/schema/log-batch.ts';

const line = (text: string, stream: 'stdout' | 'stderr' = 'stdout') => ({
  stream,
  isPiece: false,
  at: 0n,
  rows: 1,
  text,
});

describe('lines', () => {
  const cases: [string, object, string, boolean][] = [
    ['small letters find both', { text: 'error' }, 'an ERROR', true],
    ['a capital finds itself', { text: 'Error' }, 'an ERROR', false],
    ['an expression', { regex: 'e+r$' }, 'beer', true],
    ['an expression that asks for no capitals', { regex: '(?i)BEER' }, 'beer', true],
    ['text and expression', { text: 'a', regex: 'b' }, 'a only', false],
    ['beyond 64 Ki of a line an expression looks no more', { regex: 'end' }, `${'x'.repeat(70_000)}end`, false],
    ['a text is looked for in all of it', { text: 'end' }, `${'x'.repeat(70_000)}end`, true],
    ['characters of expressions are text', { text: 'a.c' }, 'abc', false],
  ];
  for (const [name, filter, text, isFound] of cases) {
    test(name, () => assert.equal(searchOf(filter).hasLine?.(line(text)), isFound));
  }
  test('of one stream', () => {
    const { hasLine } = searchOf({ stream: 'stderr' });
    assert.deepEqual([hasLine?.(line('x')), hasLine?.(line('x', 'stderr'))], [false, true]);
  });
  test('nothing asked of lines', () => assert.equal(searchOf({ stack: 'web' }).hasLine, null));
});

test('expressions that are none say where; those that take too long are refused', () => {
  for (const [regex, position] of [
    ['ab(', 0],
    ['ab[z-a]', 3],
    ['a{5000}', 1],
    ['x{900}y{900}', 0],
  ] as const) {
    assert.throws(
      () => searchOf({ regex }),
      (error: { code: string; fields: { position: number } }) => {
        assert.equal(error.code, 'invalid-input');
        assert.equal(error.fields.position, position, regex);
        return true;
      },
    );
  }
});

test('sources', () => {
  const entry = { node: 'n', container: 'abcdef', name: 'web-1', stack: 'web', service: 'api', deployment: null };
  const cases: [object, boolean][] = [
    [{}, true],
    [{ stack: 'web', service: 'api' }, true],
    [{ stack: 'other' }, false],
    [{ container: 'web-1' }, true],
    [{ container: 'web' }, false],
    [{ container: 'abc' }, true],
    [{ container: 'bc' }, false],
  ];
  for (const [filter, expected] of cases)
    assert.equal(isFrom(searchOf(filter), entry), expected, JSON.stringify(filter));
});

test('times with nanoseconds, there and back', () => {
  for (const text of [
    '2026-01-02T03:04:05.123456789Z',
    '1970-01-01T00:00:00.000000000Z',
    '2262-04-11T23:47:16.854775806Z',
  ]) {
    assert.equal(timeText(nanosecondsOf(text)), text);
  }
  assert.equal(nanosecondsOf('2026-01-01T00:00:00Z'), nanosecondsOf('2026-01-01T00:00:00.000Z'));
  assert.equal(nanosecondsOf('0001-01-01T00:00:00Z'), 0n);
  assert.equal(nanosecondsOf('9999-12-31T23:59:59Z'), END_OF_TIME);
  const search = searchOf({ since: '2026-01-01T00:00:00Z', until: '2026-01-01T00:00:01Z' });
  const [since, until] = [nanosecondsOf('2026-01-01T00:00:00Z'), nanosecondsOf('2026-01-01T00:00:01Z')];
  assert.deepEqual(
    [since - 1n, since, until - 1n, until].map((at) => isWithin(search, at)),
    [false, true, true, false],
  );
});

describe('batches', () => {
  const chunk: LogChunk = {
    ...{ container: 'c'.repeat(64), name: 'web-1', stack: 'web', service: 'web', deployment: null, keepDays: null },
    ...{ file: 'f'.repeat(32), first: 0, rows: 2, lines: 2, from: '1', to: '2', text: 'o0 a\no1 b' },
  };
  const cases: [string, Partial<LogChunk>, RegExp | null][] = [
    ['a right one', {}, null],
    ['fewer lines than it says', { lines: 1 }, /lines/],
    ['more lines than rows', { rows: 1 }, /rows/],
    ['an end before its beginning', { from: '3' }, /times/],
    ['a time that no database holds', { to: '9223372036854775807' }, /times/],
    ['a NUL in a name', { name: 'a\u0000' }, /NUL/],
    ['rows beyond all numbers', { first: Number.MAX_SAFE_INTEGER }, /rows/],
  ];
  for (const [name, given, expected] of cases) {
    test(name, () => {
      const fault = faultOf({ kind: 'log', chunks: [chunk, { ...chunk, ...given }], gaps: [] });
      if (expected === null) assert.equal(fault, null);
      else assert.match(fault ?? '', expected);
    });
  }
});
