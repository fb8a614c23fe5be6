// Chunks and gaps of one log file for tests: a line a row, a second each, which says its number.
import type { LogEntry, NewChunk, NewGap } from '#services/logs/entry.ts';
import { packText } from '#services/logs/text.ts';
import { type EncodedLine, encodeLines } from '#subjects/schema/log-lines.ts';

export const FILE = 'f'.repeat(32);
const source = {
  node: 'n',
  container: 'c',
  name: 'web-1',
  stack: 'web',
  service: 'web',
  deployment: null,
  keepDays: null,
};

export function chunkOf(first: number, rows: number): NewChunk {
  const lines = Array.from({ length: rows }, (_, index): EncodedLine => {
    const row = first + index;
    return { stream: 'stdout', isPiece: false, at: BigInt(row) * 1_000_000_000n, rows: 1, text: `row ${row}` };
  });
  const from = lines[0]?.at ?? 0n;
  const to = lines.at(-1)?.at ?? 0n;
  return {
    kind: 'chunk',
    ...source,
    file: FILE,
    first,
    rows,
    lines: rows,
    from,
    to,
    ...packText(encodeLines(from, lines)),
  };
}

export function gapOf(first: number, rows: number): NewGap {
  const gap = { reason: 'rotated' as const, from: null, to: null };
  return { kind: 'gap', ...source, file: FILE, first, rows, from: 0n, to: 0n, gap, key: `${first}+${rows}` };
}

/** As held, with lines at the times given. */
export function entryOf(id: number, times: readonly bigint[]): LogEntry {
  const sorted = [...times].sort((a, b) => (a < b ? -1 : 1));
  const [from = 0n] = sorted;
  const to = sorted.at(-1) ?? 0n;
  const lines = times.map(
    (at, index): EncodedLine => ({ stream: 'stdout', isPiece: false, at, rows: 1, text: `${id}-${index}` }),
  );
  const { keepDays: _, ...own } = source;
  return {
    ...own,
    id,
    lines: lines.length,
    from,
    to,
    rows: lines.length,
    gap: null,
    ...packText(encodeLines(from, lines)),
  };
}
