// A part of a chunk: those of its lines that stood in rows which are not held yet.
import { encodeLines } from '#subjects/schema/log-lines.ts';
import type { NewChunk } from '../entry.ts';
import { packText, unpackLines } from '../text.ts';
import type { Range } from './ranges.ts';

/**
 * A line that counts several rows stands at the last of them: the others are its own beginning, or rows before it of which
 * nothing is sent. A part without a line holds its rows all the same, so that they are not looked for. A text that can't be
 * read stands in the first part, unread.
 * @param free parts of its range, in order, none empty
 */
export function cutChunk(chunk: NewChunk, free: readonly Range[]): NewChunk[] {
  const lines = unpackLines(chunk, chunk.data);
  if (lines === null) {
    return free.slice(0, 1).map(({ from, to }) => ({ ...chunk, first: from, rows: to - from }));
  }
  const parts = free.map((range) => ({ range, lines: [] as typeof lines }));
  let row = chunk.first;
  /** Lines and parts are both in the order of rows. */
  let at = 0;
  for (const line of lines) {
    row += line.rows;
    const last = row - 1;
    while ((parts[at]?.range.to ?? Number.POSITIVE_INFINITY) <= last) at += 1;
    const part = parts[at];
    if (part && part.range.from <= last) part.lines.push(line);
  }
  return parts.map(({ range, lines: own }) => {
    const times = own.map(({ at }) => at);
    const from = times.reduce((least, at) => (at < least ? at : least), times[0] ?? chunk.from);
    const to = times.reduce((most, at) => (at > most ? at : most), from);
    const place = { first: range.from, rows: range.to - range.from, lines: own.length, from, to };
    return { ...chunk, ...place, ...packText(encodeLines(from, own)) };
  });
}
