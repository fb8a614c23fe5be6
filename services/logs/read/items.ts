// Entries of the store as the items that are shown.
import type { LogItem } from '#subjects/schema/log.ts';
import type { EncodedLine } from '#subjects/schema/log-lines.ts';
import type { LogEntry } from '../entry.ts';
import { unpackLines } from '../text.ts';
import { timeText } from './filter.ts';
import { placeOf, type TimePlace } from './place.ts';

/** A line with where it stands, or a gap (`line` is null). */
export interface Found extends TimePlace {
  readonly entry: LogEntry;
  readonly line: EncodedLine | null;
}

/** In the order in which they stand in the chunk. A text that can't be read is a gap of its rows. */
export function contentOf(entry: LogEntry): Found[] {
  const { id, data, from, lines: count } = entry;
  if (data !== null && count === 0) return [];
  const lines = data === null ? null : unpackLines(entry, data);
  if (lines === null) return [{ at: from, id, index: 0, entry, line: null }];
  return lines.map((line, index) => ({ at: line.at, id, index, entry, line }));
}

const timeOrNull = (at: string | null | undefined) => (at === null || at === undefined ? null : timeText(BigInt(at)));

export function itemOf({ entry, line, id, index }: Found): LogItem {
  const { node, stack, service, container, name: containerName, deployment } = entry;
  const source = { id: placeOf({ id, index }), node, stack, service, container, containerName, deployment };
  if (line) {
    const { stream, at, text, isPiece: partial } = line;
    return { type: 'line', ...source, stream, at: timeText(at), text, partial };
  }
  const { reason = 'unreadable', from = String(entry.from), to = String(entry.to) } = entry.gap ?? {};
  return { type: 'gap', ...source, from: timeOrNull(from), to: timeOrNull(to), reason, rows: entry.rows };
}

/** What an item takes of an answer: its text, and the rest of it, which packs well. */
export const weightOf = ({ line }: Found) => (line?.text.length ?? 0) + 50;
