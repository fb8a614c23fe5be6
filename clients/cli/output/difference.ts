// What differs between two texts, line by line, in the form of `diff -u`. Pure.

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

const CONTEXT = 3;
/** Texts that differ in more lines are not compared further: all of one goes, all of the other comes. */
const MOST_EDITS = 500;

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Furthest line of `a` reached on each diagonal, for each number of edits (Myers); null when there are too many. */
function trace(a: readonly string[], b: readonly string[]): Map<number, number>[] | null {
  const reached: Map<number, number>[] = [];
  let row = new Map<number, number>([[1, 0]]);
  for (let edits = 0; edits <= Math.min(MOST_EDITS, a.length + b.length); edits += 1) {
    reached.push(row);
    row = new Map(row);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = next(row, diagonal, edits);
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      row.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return [...reached, row];
    }
  }
  return null;
}

const isDown = (row: ReadonlyMap<number, number>, diagonal: number, edits: number) =>
  diagonal === -edits || (diagonal !== edits && (row.get(diagonal - 1) ?? 0) < (row.get(diagonal + 1) ?? 0));

function next(row: ReadonlyMap<number, number>, diagonal: number, edits: number): number {
  return isDown(row, diagonal, edits) ? (row.get(diagonal + 1) ?? 0) : (row.get(diagonal - 1) ?? 0) + 1;
}

function compared(a: readonly string[], b: readonly string[]): Line[] {
  const reached = trace(a, b);
  if (reached === null) {
    return [...a.map((text) => ({ sign: '-' as const, text })), ...b.map((text) => ({ sign: '+' as const, text }))];
  }
  const lines: Line[] = [];
  let x = a.length;
  let y = b.length;
  for (let edits = reached.length - 2; edits >= 0; edits -= 1) {
    const row = reached[edits] ?? new Map<number, number>();
    const diagonal = x - y;
    const down = isDown(row, diagonal, edits);
    const from = down ? diagonal + 1 : diagonal - 1;
    const beforeX = edits === 0 ? 0 : (row.get(from) ?? 0);
    const beforeY = edits === 0 ? 0 : beforeX - from;
    while (x > beforeX && y > beforeY) {
      x -= 1;
      y -= 1;
      lines.push({ sign: ' ', text: a[x] ?? '' });
    }
    if (edits === 0) break;
    if (down) lines.push({ sign: '+', text: b[beforeY] ?? '' });
    else lines.push({ sign: '-', text: a[beforeX] ?? '' });
    x = beforeX;
    y = beforeY;
  }
  return lines.reverse();
}

const counted = (from: number, count: number) => `${count === 0 ? from : from + 1}${count === 1 ? '' : `,${count}`}`;

/** Empty when they are the same. */
export function difference(a: string, b: string, names: readonly [string, string]): string[] {
  const lines = compared(linesOf(a), linesOf(b));
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== ' '),
  );
  const told: string[] = [];
  let fromA = 0;
  let fromB = 0;
  for (let index = 0; index < lines.length; ) {
    if (!near[index]) {
      index += 1;
      fromA += 1;
      fromB += 1;
      continue;
    }
    const length = near.indexOf(false, index);
    const hunk = lines.slice(index, length === -1 ? undefined : length);
    const inA = hunk.filter(({ sign }) => sign !== '+').length;
    const inB = hunk.filter(({ sign }) => sign !== '-').length;
    told.push(`@@ -${counted(fromA, inA)} +${counted(fromB, inB)} @@`, ...hunk.map(({ sign, text }) => sign + text));
    index += hunk.length;
    fromA += inA;
    fromB += inB;
  }
  return told.length === 0 ? [] : [`--- ${names[0]}`, `+++ ${names[1]}`, ...told];
}
