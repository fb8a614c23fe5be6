// A table of any length: only the rows on screen exist.
// biome-ignore-all lint/a11y/useSemanticElements: rows are placed freely, which table elements forbid
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is on what stands in the rows
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef } from 'react';
import { ScrollArea } from '../parts/scroll-area.tsx';
import { useDensity } from '../shell/preferences.ts';
import { type Column, layoutOf } from './column.ts';
import type { Sort } from './order.ts';
import { useRowKeys } from './row-keys.ts';

interface Props<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  sort: Sort;
  onSort: (key: string) => void;
  /** Rows that are no longer true, drawn muted. */
  isMuted?: (row: Row) => boolean;
  onPointing?: (pointing: boolean) => void;
}

/** Its row and its line, in pixels. */
const HEADER = 33;

function Header<Row>({ columns, sort, onSort }: Pick<Props<Row>, 'columns' | 'sort' | 'onSort'>) {
  return columns.map((column) => {
    const active = sort.key === column.key;
    const direction = active ? (sort.descending ? 'descending' : 'ascending') : 'none';
    return (
      <div key={column.key} role="columnheader" aria-sort={direction} className={column.end ? 'text-right' : ''}>
        <button
          type="button"
          onClick={() => onSort(column.key)}
          className={`column-title -mx-1 h-6 max-w-full truncate rounded px-1 hover:text-ink ${active ? 'text-ink' : ''}`}
        >
          {column.title}
          {active && <span aria-hidden="true">{sort.descending ? ' ↓' : ' ↑'}</span>}
        </button>
      </div>
    );
  });
}

function Cells<Row>({ columns, row }: { columns: readonly Column<Row>[]; row: Row }) {
  return columns.map((column) => (
    <div key={column.key} role="cell" className={`min-w-0 truncate ${column.end ? 'text-right' : ''}`}>
      {column.cell(row)}
    </div>
  ));
}
const MemoCells = memo(Cells) as unknown as typeof Cells;

export function VirtualTable<Row>(props: Props<Row>) {
  const { label, columns, rows, keyOf, sort, onSort, isMuted, onPointing } = props;
  const scroller = useRef<HTMLElement>(null);
  const height = useDensity();
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    // The header scrolls with the rows and then stays on top of them.
    scrollMargin: HEADER,
    scrollPaddingStart: HEADER,
    getItemKey: (index) => keyOf(rows[index] as Row),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height is what asks for it
  useEffect(() => virtualizer.measure(), [virtualizer, height]);
  useRowKeys(scroller, rows.length, (index) => virtualizer.scrollToIndex(index));
  const { gridTemplateColumns, minWidth } = layoutOf(columns);
  const tracks = { gridTemplateColumns };
  return (
    <ScrollArea ref={scroller} label={`${label}, scrollable`} className="relative min-h-0 flex-1">
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} style={{ minWidth }}>
        <div role="rowgroup" className="sticky top-0 z-10 border-b border-line bg-paper">
          <div role="row" aria-rowindex={1} className="grid h-8 items-center gap-x-4 px-5" style={tracks}>
            <Header columns={columns} sort={sort} onSort={onSort} />
          </div>
        </div>
        <div
          role="rowgroup"
          className="relative"
          style={{ height: virtualizer.getTotalSize() }}
          onPointerEnter={() => onPointing?.(true)}
          onPointerLeave={() => onPointing?.(false)}
        >
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index] as Row;
            return (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                data-index={item.index}
                className={`row absolute inset-x-0 top-0 grid items-center gap-x-4 border-b border-line px-5 ${isMuted?.(row) ? 'row-muted' : ''}`}
                style={{ ...tracks, height, transform: `translateY(${item.start - HEADER}px)` }}
              >
                <MemoCells columns={columns} row={row} />
              </div>
            );
          })}
        </div>
      </div>
    </ScrollArea>
  );
}
