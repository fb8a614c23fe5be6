// A line of a log on a terminal: its own colours stay, nothing else that a terminal obeys does.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { colourOf, rowOf } from '#clients/cli/logs/line.ts';
import { PLAIN, spansOf, textOf } from '#clients/sdk/log-spans.ts';
import { lineOf } from './log-book.ts';

const ESC = '\u001b';
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const COLOUR = /\u001b\[[\d;]+m/g;
const style = { hasColours: true, timestamps: false, prefix: false, raw: false };
const row = (text: string) => rowOf(lineOf(1, text), 'nas', style);

describe('colours of a line', () => {
  test('are kept as data', () => {
    const looks = (text: string) =>
      spansOf(text).map(({ text: piece, look }) => {
        const own = Object.entries(look).filter(([key, value]) => value !== PLAIN[key as keyof typeof PLAIN]);
        return [piece, Object.fromEntries(own)];
      });
    for (const [text, expected] of [
      ['plain', [['plain', {}]]],
      [
        `${ESC}[31mred${ESC}[0m ok`,
        [
          ['red', { ink: 1 }],
          [' ok', {}],
        ],
      ],
      [
        `${ESC}[1;97;44mx${ESC}[22my`,
        [
          ['x', { bold: true, ink: 15, ground: 4 }],
          ['y', { ink: 15, ground: 4 }],
        ],
      ],
      [
        `${ESC}[38;5;208mx${ESC}[39my`,
        [
          ['x', { ink: 208 }],
          ['y', {}],
        ],
      ],
      [`${ESC}[48;2;1;2;3mx${ESC}[m`, [['x', { ground: [1, 2, 3] }]]],
      [`${ESC}[38;5;999mx`, [['x', {}]]],
      [`${ESC}[38mx`, [['x', {}]]],
      [`10%\r${ESC}[32m100%\r\r`, [['100%', { ink: 2 }]]],
      [
        `${ESC}[2Jx${ESC}]0;title${ESC}[31mred`,
        [
          ['x', {}],
          ['red', { ink: 1 }],
        ],
      ],
    ] as const) {
      assert.deepEqual(looks(text), expected, JSON.stringify(text));
    }
  });

  test('are written anew, and end with the line', () => {
    assert.equal(row(`${ESC}[31;4mred`), `${ESC}[4;38;5;1mred${ESC}[0m\n`);
    assert.equal(row(`${ESC}[38;2;9;8;7mx${ESC}[0my`), `${ESC}[38;2;9;8;7mx${ESC}[0my\n`);
  });

  test('of any bytes at all nothing but colours is left', () => {
    const hostile = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(ESC, `${ESC}[`, `${ESC}]`, 'm', ';', '\u009b', '\u0007', '38', '2'),
      ),
    );
    fc.assert(
      fc.property(hostile, (parts) => {
        const text = parts.join('');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
        assert.doesNotMatch(textOf(text), /[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
        const left = row(text).replace(/\n$/, '').replaceAll(COLOUR, '');
        assert.equal(left, textOf(text));
      }),
    );
  });

  test('of a source are its own, always', () => {
    assert.equal(colourOf('nas web/app'), colourOf('nas web/app'));
    const many = new Set(Array.from({ length: 40 }, (_, at) => colourOf(`node-${at} web/app`)));
    assert.ok(many.size > 5, String(many.size));
  });
});
