// Two columns, one a field. Pure.
import { table } from './table.ts';

export function fields(rows: readonly (readonly [string, string])[]): string {
  const columns = [
    { title: '', of: (row: readonly [string, string]) => row[0] },
    { title: '', of: (row: readonly [string, string]) => row[1] },
  ];
  return table(columns, rows, { headers: false, wide: false, width: null });
}
