// A part of a chunk: those of its lines that stood in rows which are not held yet.
import { encodeLines } from '#subjects/schema/log-lines.ts';
import type { NewChunk } from '../entry.ts';
import { packText, unpackLines } from '../text.ts';
import type { Range } from './ranges.ts';

/**
 * A line that stood in several rows is in the part that holds the first of them that is free: of a line that was held in
 * part and comes again whole, the beginning is told twice, and nothing is lost. A text that can't be read stands in the
 * first part, unread.
 * @param free parts of its range, in order, none empty
 */
export function cutChunk(chunk: NewChunk, free: readonly Range[]): NewChunk[] {
  const lines = unpackLines(chunk, chunk.data);
  if (lines === null) {
    return free.slice(0, 1).map(({ from, to }) => ({ ...chunk, first: from, rows: to - from }));
  }
  const parts = free.map((range) => ({ range, lines: [] as typeof lines }));
  let row = chunk.first;
  for (const line of lines) {
    const end = row + line.rows;
    parts.find(({ range }) => row < range.to && range.from < end)?.lines.push(line);
    row = end;
  }
  return parts.flatMap(({ range, lines: own }) => {
    const [head] = own;
    if (!head) return [];
    const times = own.map(({ at }) => at);
    const from = times.reduce((least, at) => (at < least ? at : least), head.at);
    const to = times.reduce((most, at) => (at > most ? at : most), head.at);
    const place = { first: range.from, rows: range.to - range.from, lines: own.length, from, to };
    return [{ ...chunk, ...place, ...packText(encodeLines(from, own)) }];
  });
}
