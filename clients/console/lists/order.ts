// Sorting, and holding an order still while somebody points at it. Pure.

export type SortValue = string | number | null;
export interface Sort {
  readonly key: string;
  readonly descending: boolean;
}

/** `name`, or `-seen` for descending. */
export function parseSort(text: string): Sort {
  return text.startsWith('-') ? { key: text.slice(1), descending: true } : { key: text, descending: false };
}

/** A second click on a column turns it round. */
export function nextSort(current: string, key: string): string {
  return current === key ? `-${key}` : key;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function compare(a: SortValue, b: SortValue, descending: boolean): number {
  if (a === b) return 0;
  // What is not known comes last, whichever way the column is turned.
  if (a === null) return 1;
  if (b === null) return -1;
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
  return descending ? -order : order;
}

export function sorted<Row>(
  rows: readonly Row[],
  sortBy: (row: Row) => SortValue,
  descending: boolean,
  keyOf: (row: Row) => string,
): Row[] {
  return rows
    .map((row) => ({ row, value: sortBy(row), key: keyOf(row) }))
    .sort((a, b) => compare(a.value, b.value, descending) || (a.key < b.key ? -1 : 1))
    .map(({ row }) => row);
}

/** Rows in the order that was held, with fresh content; how many would move or appear if it were let go. */
export function heldOrder<Row>(
  fresh: readonly Row[],
  held: readonly string[],
  keyOf: (row: Row) => string,
): { rows: Row[]; waiting: number } {
  const byKey = new Map(fresh.map((row) => [keyOf(row), row]));
  const rows = held.flatMap((key) => byKey.get(key) ?? []);
  const kept = new Set(rows.map(keyOf));
  const wanted = fresh.filter((row) => kept.has(keyOf(row)));
  const moved = wanted.filter((row, at) => keyOf(row) !== keyOf(rows[at] as Row)).length;
  return { rows, waiting: moved + (fresh.length - wanted.length) };
}
