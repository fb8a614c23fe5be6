// Tables, escapes and options, without a process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { duration, pair, seconds } from '#clients/cli/options.ts';
import { jsonLine, jsonText, yamlText } from '#clients/cli/output/data.ts';
import { type Format, showList, showOne, type View } from '#clients/cli/output/render.ts';
import { table, widthOf } from '#clients/cli/output/table.ts';
import { age } from '#clients/cli/output/words.ts';
import { plain, visible } from '#clients/sdk/terminal-text.ts';

const columns = [
  { title: 'NAME', of: (row: readonly string[]) => row[0] ?? '' },
  { title: 'TEXT', of: (row: readonly string[]) => row[1] ?? '' },
];

test('a table is no wider than the terminal, and cuts the widest column', () => {
  const text = table(columns, [['nas', 'x'.repeat(100)]], { headers: true, wide: false, width: 40 });
  assert.equal(text, `NAME  TEXT\nnas   ${'x'.repeat(33)}…\n`);
});

test('columns line up whatever is in them', () => {
  const rows = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), { minLength: 1 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 20, max: 120 }), (cells, width) => {
      const text = table(columns, cells, { headers: true, wide: false, width });
      const lines = text.split('\n').slice(0, -1);
      assert.equal(lines.length, cells.length + 1);
      for (const line of lines) assert.ok(widthOf(line) <= width, `${widthOf(line)} > ${width}`);
    }),
  );
});

test('no text moves the cursor, sets a title or turns the direction', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      assert.doesNotMatch(visible(text), /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]/);
    }),
    { numRuns: 2000 },
  );
  assert.equal(visible('\u001b[31mred\u001b[0m \u001b]0;title\u0007\u001b]52;c;eA==\u001b\\end'), 'red end');
  assert.equal(visible('a\rb'), 'a\\u000db');
});

test('a line of output is what a terminal would show of it', () => {
  assert.equal(plain('Pulling 10%\rPulling \u001b[32m100%\u001b[0m\r'), 'Pulling 100%');
  assert.equal(plain('  indented'), '  indented');
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const DECEIVING = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

test('data deceive nobody who looks at them, and are read back as they were', () => {
  const marks = fc.constantFrom(
    '\u009b2J',
    '\u0085',
    '\u202e',
    '\u2066',
    '\u2028',
    '\u001b[2J',
    '\r\n',
    '\n',
    ': ',
    'x',
    ' ',
  );
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.array(marks).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text))), (value) => {
      for (const [written, read] of [
        [jsonText(value), JSON.parse(jsonText(value))],
        [jsonLine(value), JSON.parse(jsonLine(value))],
        [yamlText(value), parse(yamlText(value))],
      ] as const) {
        assert.doesNotMatch(written, DECEIVING);
        assert.deepEqual(read, JSON.parse(JSON.stringify(value)));
      }
    }),
    { numRuns: 500, examples: [[{ '': ['\n \n\u001b[2J\u001b[2J\u009b2J\u001b[2J\u009b2J'] }]] },
  );
});

test('names and ids are shown as everything else is', () => {
  const kind = { name: (id: string) => `nodes/${id}`, id: (id: string) => id, columns: [], none: '' };
  for (const [format, quiet] of [
    ['name', false],
    ['table', true],
  ] as const) {
    let written = '';
    const view: View = {
      format: format as Format,
      quiet,
      headers: true,
      width: null,
      write: (text) => (written += text),
    };
    showList(view, kind, ['a\u001b[2Jb\u202e'], () => {});
    showOne(view, kind, 'c\rd', () => '');
    assert.equal(written.replaceAll('nodes/', ''), 'ab\\u202e\nc\\u000dd\n');
  }
});

test('times and pairs', () => {
  assert.deepEqual(['90', '90s', '5m', '1h', '250ms'].map(duration), [90_000, 90_000, 300_000, 3_600_000, 250]);
  for (const wrong of ['', 'soon', '-1', '0', '1w', '99999d']) assert.throws(() => duration(wrong), wrong);
  assert.deepEqual(['0', '0s', '90', '5m', '1h'].map(seconds), [0, 0, 90, 300, 3600]);
  for (const wrong of ['', '-1', '1500ms', 'never']) assert.throws(() => seconds(wrong), wrong);
  assert.deepEqual(pair('a=b=c', { x: 'y' }), { x: 'y', a: 'b=c' });
  for (const wrong of ['', 'a', '=b']) assert.throws(() => pair(wrong), wrong);
  const now = Date.parse('2026-11-23T20:00:00Z');
  const ago = (seconds: number) => age(new Date(now - seconds * 1000).toISOString(), now);
  assert.deepEqual([3, 100, 130, 8000, 400_000].map(ago), ['3s', '100s', '2m', '2h', '4d']);
});
