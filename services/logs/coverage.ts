// What is held of each log file, as ranges of rows, and what lies between them. Pure.
import type { LogCoverage } from '#subjects/schema/log.ts';
import { joined, type Range, without } from './ingest/ranges.ts';
import { timeText } from './read/filter.ts';

/** One entry of a file: a chunk's rows or a gap's. */
export interface Covered {
  readonly first: number | null;
  readonly rows: number | null;
  readonly gap: {
    readonly reason: LogCoverage['gaps'][number]['reason'];
    readonly from: string | null;
    readonly to: string | null;
  } | null;
}

const timeOrNull = (at: string | null) => (at === null ? null : timeText(BigInt(at)));

function rangeOf({ first, rows }: Covered): Range | null {
  return first === null || rows === null ? null : { from: first, to: first + rows };
}

/** @param entries of one file, in any order */
export function coverageOf(entries: readonly Covered[]): Pick<LogCoverage, 'held' | 'gaps' | 'unknown'> {
  const ranges = entries.map(rangeOf).filter((range) => range !== null);
  const held = joined(
    entries
      .filter(({ gap }) => gap === null)
      .map(rangeOf)
      .filter((range) => range !== null),
  );
  const end = ranges.reduce((most, { to }) => Math.max(most, to), 0);
  const gaps = entries.flatMap((entry) => {
    if (entry.gap === null) return [];
    const { reason, from, to } = entry.gap;
    const range = rangeOf(entry);
    const rows = { from: range?.from ?? null, to: range?.to ?? null };
    return [{ ...rows, reason, since: timeOrNull(from), until: timeOrNull(to) }];
  });
  return {
    held,
    gaps: gaps.sort((a, b) => (a.from ?? 0) - (b.from ?? 0)),
    unknown: without({ from: 0, to: end }, ranges),
  };
}
