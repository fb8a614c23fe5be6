// What is held of a log file, as parts of a bar and in words. Pure.
import { gapAmount, gapReason } from '#clients/sdk/log-words.ts';
import type { LogCoverage } from '#clients/sdk/logs.ts';

export type PartKind = 'held' | 'gap' | 'unknown';

export interface Part {
  readonly kind: PartKind;
  /** In percent of the bar. */
  readonly from: number;
  readonly width: number;
}

/** Narrower nobody sees it. */
const NARROWEST = 0.8;

/** In the order in which they are drawn: what is missing lies above what is held. */
export function partsOf({ held, gaps, unknown }: Pick<LogCoverage, 'held' | 'gaps' | 'unknown'>): Part[] {
  const told = gaps.flatMap(({ from, to }) => (from === null || to === null ? [] : [{ from, to }]));
  const end = Math.max(1, ...[...held, ...told, ...unknown].map(({ to }) => to));
  const drawn = (kind: PartKind) => (range: { from: number; to: number }) => {
    const width = Math.min(100, Math.max(NARROWEST, ((range.to - range.from) / end) * 100));
    return { kind, from: Math.min((range.from / end) * 100, 100 - width), width };
  };
  return [...held.map(drawn('held')), ...unknown.map(drawn('unknown')), ...told.map(drawn('gap'))];
}

/** One for each reason. */
export function missingWords({ gaps }: Pick<LogCoverage, 'gaps'>): string[] {
  return [...Map.groupBy(gaps, ({ reason }) => reason)].map(([reason, of]) => {
    const counts = of.map(({ from, to }) => (from === null || to === null ? null : to - from));
    const rows = counts.includes(null) ? null : counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
    return `${gapAmount({ rows })}: ${gapReason({ reason })}`;
  });
}

/** Rows that are neither held nor told; the first ones were let go to make room, or are on their way. */
export function unknownWords({ unknown }: Pick<LogCoverage, 'unknown'>): string | null {
  const rows = unknown.reduce((sum, { from, to }) => sum + (to - from), 0);
  if (rows === 0) return null;
  const isFirst = unknown.length === 1 && unknown[0]?.from === 0;
  return `${gapAmount({ rows })} ${isFirst ? 'removed here to make room, or on the way' : 'on the way'}`;
}
