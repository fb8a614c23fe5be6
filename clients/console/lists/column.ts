// A column of a list: how it is drawn, sorted, exported.
import type { ReactNode } from 'react';
import type { SortValue } from './order.ts';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** In pixels, at least. */
  readonly width: number;
  /** Its part of the space that is left over. */
  readonly grow?: number;
  readonly cell: (row: Row) => ReactNode;
  /** Makes the column sortable and fills the exported file. */
  readonly value: (row: Row) => SortValue;
  readonly end?: boolean;
  /** Shown only when chosen. */
  readonly extra?: boolean;
}

const GAP = 16;
const EDGE = 20;

/** Tracks of the grid, and the width below which the table scrolls sideways. */
export function layoutOf(columns: readonly Pick<Column<never>, 'width' | 'grow'>[]): {
  gridTemplateColumns: string;
  minWidth: number;
} {
  const tracks = columns.map(({ width, grow }) =>
    grow === undefined ? `${width}px` : `minmax(${width}px, ${grow}fr)`,
  );
  const least = columns.reduce((sum, { width }) => sum + width, 0);
  return { gridTemplateColumns: tracks.join(' '), minWidth: least + GAP * (columns.length - 1) + 2 * EDGE };
}
