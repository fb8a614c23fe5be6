// Two texts line by line: what is only in one, what is in both. Pure.

export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
  /** Its number in the old and in the new text, from 1. */
  readonly before: number | null;
  readonly after: number | null;
}

/** Beyond this the middle is told as replaced: nobody reads such a diff, and the table would not fit. */
const CELLS_MAX = 4_000_000;

export function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Lengths of the longest common part of the rests from each pair of lines on. */
function lengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      table[i * width + j] =
        a[i] === b[j]
          ? (table[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
  return table;
}

export function lineDiff(old: string, fresh: string): DiffLine[] {
  const a = linesOf(old);
  const b = linesOf(fresh);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const found: DiffLine[] = [];
  const same = (i: number, j: number) => found.push({ kind: 'same', text: a[i] ?? '', before: i + 1, after: j + 1 });
  for (let at = 0; at < start; at += 1) same(at, at);
  const oldMiddle = a.slice(start, a.length - end);
  const newMiddle = b.slice(start, b.length - end);
  const isTooLong = oldMiddle.length * newMiddle.length > CELLS_MAX;
  const table = isTooLong ? null : lengths(oldMiddle, newMiddle);
  const width = newMiddle.length + 1;
  let i = 0;
  let j = 0;
  while (i < oldMiddle.length || j < newMiddle.length) {
    if (table !== null && i < oldMiddle.length && j < newMiddle.length && oldMiddle[i] === newMiddle[j]) {
      same(start + i, start + j);
      i += 1;
      j += 1;
      continue;
    }
    const down = table?.[(i + 1) * width + j] ?? 0;
    const right = table?.[i * width + j + 1] ?? 0;
    if (i < oldMiddle.length && (j === newMiddle.length || down >= right)) {
      found.push({ kind: 'gone', text: oldMiddle[i] ?? '', before: start + i + 1, after: null });
      i += 1;
    } else {
      found.push({ kind: 'new', text: newMiddle[j] ?? '', before: null, after: start + j + 1 });
      j += 1;
    }
  }
  for (let at = end; at > 0; at -= 1) same(a.length - at, b.length - at);
  return found;
}

export interface Hunk {
  /** Lines that are alike and left out before these. */
  readonly skipped: number;
  readonly lines: readonly DiffLine[];
}

/** The changes with a few lines around each; null when nothing differs. */
export function hunksOf(lines: readonly DiffLine[], around = 3): { hunks: Hunk[]; rest: number } | null {
  const isNear = lines.map((_, at) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ kind }) => kind !== 'same'),
  );
  // A line or two left out would take as much room as they do.
  const isShown = isNear.map(
    (near, at) =>
      near || (isNear.slice(Math.max(0, at - 2), at).includes(true) && isNear.slice(at + 1, at + 3).includes(true)),
  );
  const hunks: { skipped: number; lines: DiffLine[] }[] = [];
  let skipped = 0;
  let isOpen = false;
  for (const [at, line] of lines.entries()) {
    if (!isShown[at]) {
      skipped += 1;
      isOpen = false;
      continue;
    }
    if (!isOpen) hunks.push({ skipped, lines: [] });
    isOpen = true;
    skipped = 0;
    hunks.at(-1)?.lines.push(line);
  }
  return hunks.length === 0 ? null : { hunks, rest: skipped };
}
