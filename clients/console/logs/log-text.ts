// The text of a line as it is drawn: pieces of one look, what is looked for marked. Pure.
import { type Look, spansOf } from '#clients/sdk/log-spans.ts';
import type { LogSearch } from './log-search.ts';

export interface Piece {
  /** Where it begins in the line. */
  readonly from: number;
  readonly text: string;
  readonly look: Look;
  readonly isFound: boolean;
}

/** Of a longer line the rest is in its own view: a row must not hold up the page. */
export const SHOWN_MAX = 4000;

/** More in one line are one look at it anyway. */
const MARKS_MAX = 100;

/**
 * Null when no text is looked for. An expression of the address is none for the browser: the core's never go back, while the
 * browser's may take longer than anybody lives, on a line or an address that somebody else wrote.
 */
export function patternOf({ text }: Pick<LogSearch, 'text'>): RegExp | null {
  try {
    if (text === undefined) return null;
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'), /\p{Lu}/u.test(text) ? 'gu' : 'giu');
  } catch {
    return null;
  }
}

/** `[from, to)` of each, none empty. */
function foundIn(text: string, pattern: RegExp | null): [number, number][] {
  const marks: [number, number][] = [];
  for (const { 0: found, index } of pattern === null ? [] : text.matchAll(pattern)) {
    if (found !== '') marks.push([index, index + found.length]);
    if (marks.length === MARKS_MAX) break;
  }
  return marks;
}

/** @param most characters; what is beyond is counted */
export function piecesOf(line: string, pattern: RegExp | null, most = SHOWN_MAX): { pieces: Piece[]; rest: number } {
  const spans = spansOf(line);
  const whole = spans.map(({ text }) => text).join('');
  const shown = whole.slice(0, most);
  const marks = foundIn(shown, pattern);
  const edges = new Set(marks.flat());
  const pieces: Piece[] = [];
  let at = 0;
  for (const { text, look } of spans) {
    const end = Math.min(at + text.length, shown.length);
    const cuts = [...edges].filter((edge) => edge > at && edge < end).sort((a, b) => a - b);
    let from = at;
    for (const to of [...cuts, end]) {
      const begin = from;
      const isFound = marks.some(([start, stop]) => begin >= start && begin < stop);
      if (to > from) pieces.push({ from, text: shown.slice(from, to), look, isFound });
      from = to;
    }
    at = end;
  }
  return { pieces, rest: whole.length - shown.length };
}

export function matches(line: string, pattern: RegExp | null): boolean {
  return (
    foundIn(
      spansOf(line.slice(0, SHOWN_MAX))
        .map(({ text }) => text)
        .join(''),
      pattern,
    ).length > 0
  );
}
