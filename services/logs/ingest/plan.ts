// What a group of new entries does to what is held. Every row is known by its place, so what is held already is left out,
// also when it comes cut in another way; rows that come although a gap told that they would not narrow that gap. Pure.
import type { NewChunk, NewGap, NewLogEntry } from '../entry.ts';
import { overlaps, type Range, without } from './ranges.ts';

/** Of one log file: a chunk's rows, or an exact gap's. */
export interface HeldRows extends Range {
  readonly id: number;
  readonly isGap: boolean;
}

export interface Plan {
  readonly chunks: readonly { readonly chunk: NewChunk /** The parts to keep. */; readonly free: readonly Range[] }[];
  readonly gaps: readonly NewGap[];
  /** Held gaps that are narrower now; null: nothing is missing any more. */
  readonly narrowed: ReadonlyMap<number, Range | null>;
  /** The other half of a held gap in whose middle rows came. */
  readonly split: readonly { readonly of: number; readonly range: Range }[];
}

export const fileKey = (node: string, container: string, file: string) => `${node} ${container} ${file}`;

/** Rows that are planned but not held yet have no id. */
interface Rows extends Range {
  readonly id: number | null;
  readonly isGap: boolean;
}

const rangeOf = (first: number, rows: number): Range => ({ from: first, to: first + rows });

/** @param held of each file that a new entry is of, all that overlaps it; by `fileKey` */
export function planOf(entries: readonly NewLogEntry[], held: ReadonlyMap<string, readonly HeldRows[]>): Plan {
  const files = new Map<string, Rows[]>();
  const chunks: { chunk: NewChunk; free: Range[] }[] = [];
  const gaps: NewGap[] = [];
  /** What is left of each held gap that gave way. */
  const left = new Map<number, Range[]>();

  function rowsOf(key: string): Rows[] {
    const known = files.get(key) ?? [...(held.get(key) ?? [])];
    files.set(key, known);
    return known;
  }

  function giveWay(rows: Rows[], taken: Range): void {
    for (const gap of rows.filter((one) => one.isGap && overlaps(one, taken))) {
      rows.splice(rows.indexOf(gap), 1);
      const parts = without(gap, [taken]).map(({ from, to }): Rows => ({ ...gap, from, to }));
      rows.push(...parts);
      if (gap.id === null) continue;
      const others = (left.get(gap.id) ?? []).filter(({ from }) => from !== gap.from);
      left.set(gap.id, [...others, ...parts]);
    }
  }

  // Lines first: a gap that is told with them gives way to them.
  for (const entry of entries) {
    if (entry.kind !== 'chunk') continue;
    const rows = rowsOf(fileKey(entry.node, entry.container, entry.file));
    const known = rows.filter(({ isGap }) => !isGap);
    const free = without(rangeOf(entry.first, entry.rows), known);
    const hasGaps = known.length < rows.length;
    for (const part of free) {
      if (hasGaps) giveWay(rows, part);
      rows.push({ ...part, id: null, isGap: false });
    }
    if (free.length > 0) chunks.push({ chunk: entry, free });
  }
  for (const entry of entries) {
    if (entry.kind !== 'gap') continue;
    const { node, container, file, first, rows: count, key } = entry;
    if (file === null || first === null || count === null) {
      gaps.push(entry);
      continue;
    }
    const rows = rowsOf(fileKey(node, container, file));
    for (const [index, { from, to }] of without(rangeOf(first, count), rows).entries()) {
      rows.push({ from, to, id: null, isGap: true });
      gaps.push({ ...entry, first: from, rows: to - from, key: index === 0 ? key : null });
    }
  }

  const narrowed = new Map<number, Range | null>();
  const split: { of: number; range: Range }[] = [];
  for (const [id, parts] of left) {
    const [head, ...rest] = parts.map(({ from, to }) => ({ from, to })).sort((a, b) => a.from - b.from);
    narrowed.set(id, head ?? null);
    split.push(...rest.map((range) => ({ of: id, range })));
  }
  return { chunks, gaps, narrowed, split };
}
