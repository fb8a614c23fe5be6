// A column of a list: how it is drawn, sorted, exported.
import type { ReactNode } from 'react';
import type { SortValue } from './order.ts';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** A CSS grid track. */
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  /** Makes the column sortable and fills the exported file. */
  readonly value: (row: Row) => SortValue;
  readonly end?: boolean;
  /** Shown only when chosen. */
  readonly extra?: boolean;
}
