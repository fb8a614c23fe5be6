// Ranges of rows: from, up to but not with to. Pure.

export interface Range {
  readonly from: number;
  readonly to: number;
}

export const overlaps = (a: Range, b: Range) => a.from < b.to && b.from < a.to;

/** What of `range` none of the others holds, in order. */
export function without(range: Range, others: readonly Range[]): Range[] {
  const free: Range[] = [];
  let { from } = range;
  for (const other of others.filter((one) => overlaps(one, range)).sort((a, b) => a.from - b.from)) {
    if (other.from > from) free.push({ from, to: other.from });
    from = Math.max(from, other.to);
  }
  if (from < range.to) free.push({ from, to: range.to });
  return free;
}

/** Those that touch or overlap as one, in order. */
export function joined(ranges: readonly Range[]): Range[] {
  const found: { from: number; to: number }[] = [];
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else found.push({ from, to });
  }
  return found;
}
