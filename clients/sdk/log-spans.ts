// A line of a log in pieces of one look: the colours that its program gave it are kept as data, everything else that a
// terminal would obey is made harmless. Pure.
import { harmless } from './terminal-text.ts';

/** Of the terminal's 256 colours, or red, green and blue. */
export type Colour = number | readonly [number, number, number];

export interface Look {
  readonly ink: Colour | null;
  readonly ground: Colour | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underlined: boolean;
  readonly inverse: boolean;
}

export interface Span {
  readonly text: string;
  readonly look: Look;
}

export const PLAIN: Look = {
  ...{ ink: null, ground: null, bold: false, dim: false },
  ...{ italic: false, underlined: false, inverse: false },
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const COLOUR = /\x1b\[([\d;:]*)m/g;

/** Without its line's beginning that a carriage return wrote over, as a terminal would show it. */
function lastWritten(line: string): string {
  const text = line.replace(/\r+$/, '');
  return text.slice(text.lastIndexOf('\r') + 1);
}

const isByte = (value: number | undefined): value is number => value !== undefined && value >= 0 && value <= 255;

/** Of `38;5;n` and `38;2;r;g;b`: the colour, and how many numbers it took. */
function extended(codes: readonly number[], at: number): { colour: Colour | null; taken: number } {
  const [kind, a, b, c] = codes.slice(at, at + 4);
  if (kind === 5) return { colour: isByte(a) ? a : null, taken: 2 };
  if (kind === 2) return { colour: isByte(a) && isByte(b) && isByte(c) ? [a, b, c] : null, taken: 4 };
  return { colour: null, taken: 1 };
}

const SIMPLE: Readonly<Record<number, Partial<Look>>> = {
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underlined: true },
  7: { inverse: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underlined: false },
  27: { inverse: false },
  39: { ink: null },
  49: { ground: null },
};

function simple(code: number): Partial<Look> {
  if (code >= 30 && code <= 37) return { ink: code - 30 };
  if (code >= 90 && code <= 97) return { ink: code - 90 + 8 };
  if (code >= 40 && code <= 47) return { ground: code - 40 };
  if (code >= 100 && code <= 107) return { ground: code - 100 + 8 };
  return SIMPLE[code] ?? {};
}

function changed(look: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map(Number);
  let now = look;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, taken } = extended(codes, at + 1);
      now = { ...now, [code === 38 ? 'ink' : 'ground']: colour };
      at += taken;
    } else now = { ...now, ...simple(code) };
  }
  return now;
}

export function spansOf(line: string): Span[] {
  const text = lastWritten(line);
  const spans: Span[] = [];
  let look = PLAIN;
  let from = 0;
  const add = (piece: string) => {
    const shown = harmless(piece);
    if (shown !== '') spans.push({ text: shown, look });
  };
  for (const match of text.matchAll(COLOUR)) {
    add(text.slice(from, match.index));
    look = changed(look, match[1] ?? '');
    from = match.index + match[0].length;
  }
  add(text.slice(from));
  return spans;
}

/** The same without its colours. */
export function textOf(line: string): string {
  return spansOf(line)
    .map(({ text }) => text)
    .join('');
}
