// Rows of a json-file: read as JSON would read them, joined to lines, and written as chunks that tell the same.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { ChunkText } from '#agent/logs/chunk.ts';
import { halves } from '#agent/logs/halves.ts';
import { joinRows } from '#agent/logs/join.ts';
import { Row } from '#agent/logs/row.ts';
import type { LogChunk } from '#subjects/schema/log-batch.ts';
import { decodeLines, unescaped } from '#subjects/schema/log-lines.ts';

const NANOS = 1_000_000_000n;

/** As the engine writes it: zeros at the end of the fraction are cut. */
function stamp(at: bigint): string {
  const seconds = new Date(Number(at / NANOS) * 1000).toISOString().slice(0, 19);
  const fraction = String(at % NANOS)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** The engine escapes some letters that JSON need not escape. */
const written = (text: string) =>
  JSON.stringify(text).replace(/[<>&]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
const usual = (log: string, stream: string, at: bigint) =>
  `{"log":${written(log)},"stream":"${stream}","time":"${stamp(at)}"}`;

const at = fc.bigInt(0n, 4_000_000_000n * NANOS);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('', '\\', '\\n', 'a\\\\n', '"', '\0\x1b[31m', 'é€😀'),
);
const stream = fc.constantFrom('stdout', 'stderr');

function read(line: string): Row | null {
  const row = new Row();
  return row.read(`before\n${line}\nafter`, 7, 7 + line.length) ? row : null;
}

suite('rows', () => {
  test('one that the engine writes is read as JSON reads it', () => {
    fc.assert(
      fc.property(text, fc.boolean(), stream, at, (log, isEnd, name, time) => {
        const whole = isEnd ? `${log}\n` : log;
        const row = read(usual(whole, name, time));
        assert.ok(row);
        const ends = whole.endsWith('\n');
        assert.equal(row.isEnd, ends);
        assert.equal(unescaped(row.text), ends ? whole.slice(0, -1) : whole);
        assert.equal(row.isError, name === 'stderr');
        assert.equal(BigInt(row.seconds) * NANOS + BigInt(row.nanos), time);
        assert.equal(row.at, String(time));
      }),
      { numRuns: 500 },
    );
  });

  test('one with its keys in another order, or more of them, is read too', () => {
    fc.assert(
      fc.property(text, stream, at, fc.constantFrom('first', 'middle', 'last'), (log, name, time, place) => {
        const attrs = { attrs: { label: 'a","stream":"stdout","time":"2020-01-01T00:00:00Z"}' } };
        const usualKeys = { log: `${log}\n`, stream: name };
        const parts = { first: [attrs, usualKeys], middle: [usualKeys, attrs], last: [usualKeys, {}] }[place];
        const keys =
          place === 'last'
            ? { time: stamp(time), ...usualKeys, ...attrs }
            : { ...Object.assign({}, ...parts), time: stamp(time) };
        const row = read(JSON.stringify(keys));
        assert.ok(row);
        assert.equal(unescaped(row.text), log);
        assert.equal(row.isError, name === 'stderr');
        assert.equal(row.at, String(time));
      }),
    );
  });

  for (const rubbish of [
    '',
    '{}',
    'null',
    '[]',
    '"',
    '{"log":"a\\n","stream":"stdout"}',
    '{"log":"a\\n","stream":"stdout","time":"now"}',
    '{"log":"a\\n","stream":"stdout","time":"2026-13-01T00:00:00Z"}',
    '{"log":"a\\n","stream":"stdout","time":"2026-01-01T00:00:00+02:00"}',
    '{"log":"a\\n","stream":"stdout","time":"2026-01-01T00:00:00.Z"}',
    '{"log":"a\\n","stream":"stdout","time":"2026-01-01T00:00:00.0000000001Z"}',
    '{"log":"a\\n","stream":"stdout","time":"1969-12-31T23:59:59Z"}',
    '{"log":"a\\n","stream":"stdin","time":"2026-01-01T00:00:00Z"}',
    '{"log":1,"stream":"stdout","time":"2026-01-01T00:00:00Z"}',
    'log":"a\\n","stream":"stdout","time":"2026-01-01T00:00:00Z"}',
    '{"log":"a","x":"b","time":"2026-01-01T00:00:00Z"}',
    `${'\0'.repeat(50)}{"log":"a\\n","stream":"stdout","time":"2026-01-01T00:00:00Z"}`,
  ]) {
    test(`no row: ${JSON.stringify(rubbish.slice(0, 80))}`, () => assert.equal(read(rubbish), null));
  }

  test('any text at all is a row or none, and nothing throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (line) => void read(line.replaceAll('\n', ''))));
  });
});

interface Told {
  readonly what: string;
  readonly rows: number;
}

const PART = 'x'.repeat(16_384);
/** `o` and `e` whole lines, `O` and `E` parts of 16 kB, `-` rubbish, `|` another moment from here on, `.` a short end without newline. */
function block(notation: string): string {
  let time = 1_000n;
  return [...notation]
    .map((sign) => {
      if (sign === '|') {
        time += 1n;
        return '';
      }
      if (sign === '-') return 'rubbish\n';
      const log = sign === '.' ? 'end' : 'OE'.includes(sign) ? PART : 'line\n';
      return `${usual(log, 'eE'.includes(sign) ? 'stderr' : 'stdout', time)}\n`;
    })
    .join('');
}

function joined(notation: string, options: Partial<Parameters<typeof joinRows>[2]> = {}) {
  const told: Told[] = [];
  const left = joinRows(
    block(notation),
    new Row(),
    { isErrorsOnly: false, unfinished: 'waits', ...options },
    {
      line: ({ isError, isPiece, text: whole }, rows) => {
        const letter = isError ? 'e' : 'o';
        told.push({
          what: `${isPiece ? letter.toUpperCase() : letter}${Math.floor(whole.length / PART.length)}`,
          rows,
        });
      },
      skipped: (rows) => told.push({ what: 'skipped', rows }),
      unreadable: (rows) => told.push({ what: '-', rows }),
    },
  );
  return { told: told.map(({ what, rows }) => (rows === 1 ? what : `${what}x${rows}`)).join(' '), left };
}

suite('lines', () => {
  for (const [notation, told, left] of [
    ['ooe', 'o0 o0 e0', 0],
    ['OOo', 'o2x3', 0],
    ['OOOOo', 'O4x4 o0', 0],
    ['OOOOOOo', 'O4x4 o2x3', 0],
    ['OeO', 'O1 e0', 1],
    ['OEoe', 'O1 E1 o0 e0', 0],
    ['O|o', 'o1 o0', 0],
    ['o.|o', 'o0 o0 o0', 0],
    ['O.', 'o1x2', 0],
    ['oOOO', 'o0', 3],
    ['O-o', 'O1 - o0', 0],
    ['--', '- -', 0],
    ['', '', 0],
  ] as const) {
    test(`${notation || 'nothing'} is ${told || 'nothing'}`, () => assert.deepEqual(joined(notation), { told, left }));
  }

  test('what has no end goes as a piece or as a whole when nothing follows', () => {
    assert.deepEqual(joined('oOO', { unfinished: 'piece' }), { told: 'o0 O2x2', left: 0 });
    assert.deepEqual(joined('oOO', { unfinished: 'whole' }), { told: 'o0 o2x2', left: 0 });
  });

  test('of errors alone the rest is passed over', () => {
    assert.equal(joined('oeoOe', { isErrorsOnly: true }).told, 'skipped e0 skipped skipped e0');
  });

  test('wherever reading begins again, at a line or at a piece, it cuts the same', () => {
    const signs = fc.array(fc.constantFrom('o', 'e', 'O', 'E', '-', '|', '.'), { maxLength: 40 });
    fc.assert(
      fc.property(signs, fc.nat(), (all, pick) => {
        const rows = all.filter((sign) => sign !== '|').length;
        const cuts = (notation: string) => joined(notation, { unfinished: 'piece' }).told.split(' ').filter(Boolean);
        const whole = cuts(all.join(''));
        const ends: number[] = [];
        let sum = 0;
        for (const part of whole) {
          sum += Number(part.split('x')[1] ?? 1);
          ends.push(sum);
        }
        assert.equal(sum, rows, 'each row belongs to one line');
        const cut = ends[pick % Math.max(1, ends.length)] ?? 0;
        let seen = 0;
        const place = all.findIndex((sign) => {
          if (sign !== '|') seen += 1;
          return seen > cut;
        });
        const rest = place < 0 ? [] : all.slice(place);
        assert.deepEqual(cuts(rest.join('')), whole.slice(ends.indexOf(cut) + 1));
      }),
    );
  });
});

suite('chunks', () => {
  const line = fc.record({
    isError: fc.boolean(),
    isPiece: fc.boolean(),
    at,
    text,
    rows: fc.integer({ min: 1, max: 100_000 }),
  });

  test('tell what was put into them, in any order of times, and so do their halves', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), fc.nat(1000), (lines, first) => {
        const chunk = new ChunkText('f'.repeat(32), first);
        for (const { at: time, rows, text: plain, ...rest } of lines) {
          const escaped = written(plain).slice(1, -1);
          chunk.add({ ...rest, seconds: Number(time / NANOS), nanos: Number(time % NANOS), text: escaped }, rows);
        }
        const told = chunk.written();
        assert.ok(told);
        const times = lines.map((one) => one.at);
        assert.equal(
          BigInt(told.from),
          times.reduce((a, b) => (a < b ? a : b)),
        );
        assert.equal(
          BigInt(told.to),
          times.reduce((a, b) => (a > b ? a : b)),
        );
        assert.equal(
          told.rows,
          lines.reduce((sum, { rows }) => sum + rows, 0),
        );
        const expected = lines.map(({ isError, isPiece, at: time, rows, text: plain }) => {
          return { stream: isError ? 'stderr' : 'stdout', isPiece, at: time, rows, text: plain };
        });
        assert.deepEqual(decodeLines(BigInt(told.from), told.text), expected);
        assert.equal(chunk.next, first + told.rows);
        const source = { container: 'c', name: 'n', stack: 's', service: 's', deployment: null, keepDays: null };
        const whole: LogChunk = { ...source, ...told };
        const parts = halves({ kind: 'log', chunks: [whole], gaps: [] });
        assert.equal(parts === null, lines.length < 2);
        const again = (parts ?? []).flatMap(({ chunks }) => chunks);
        if (parts === null) return;
        assert.equal(again[1]?.first, (again[0]?.first ?? 0) + (again[0]?.rows ?? 0));
        assert.deepEqual(
          again.flatMap((part) => decodeLines(BigInt(part.from), part.text)),
          expected,
        );
        for (const part of again) {
          const own = decodeLines(BigInt(part.from), part.text) ?? [];
          assert.equal(part.lines, own.length);
          assert.equal(
            part.rows,
            own.reduce((sum, { rows }) => sum + rows, 0),
          );
          assert.ok(own.every(({ at: time }) => time >= BigInt(part.from) && time <= BigInt(part.to)));
        }
      }),
    );
  });
});
