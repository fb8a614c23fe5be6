// One list, whatever it lists: title, filter, columns, export, the table, and every state it can be in.
import { type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import { Empty, Loading } from '../parts/empty.tsx';
import { ProblemPage, ProblemView } from '../parts/problem-view.tsx';
import type { Column } from './column.ts';
import { matches, parseFilter, type Searchable } from './filter.ts';
import { FilterField } from './filter-field.tsx';
import { useListSearch } from './list-search.ts';
import { heldOrder, nextSort, parseSort, sorted } from './order.ts';
import { ViewMenu } from './view-menu.tsx';
import { VirtualTable } from './virtual-table.tsx';

interface Props<Row> {
  title: string;
  rows: readonly Row[] | undefined;
  error: Error | null;
  onRetry: () => void;
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  searchable: (row: Row) => Searchable;
  sort: string;
  hint: string;
  /** Between title and filter: counts by state. */
  counts?: ReactNode;
  actions?: ReactNode;
  /** Under the title: what is true of the whole list. */
  note?: ReactNode;
  empty: ReactNode;
  isMuted?: (row: Row) => boolean;
}

function shownColumns<Row>(columns: readonly Column<Row>[], chosen: string | undefined): Column<Row>[] {
  if (chosen === undefined) return columns.filter((column) => column.extra !== true);
  const keys = new Set(chosen.split(','));
  return columns.filter((column, at) => at === 0 || keys.has(column.key));
}

export function ListView<Row>(props: Props<Row>) {
  const { title, rows, error, onRetry, columns, keyOf, searchable, hint, counts, actions, note, empty, isMuted } =
    props;
  const { search, change } = useListSearch();
  const text = useDeferredValue(search.q ?? '');
  const sortKey = search.sort ?? props.sort;
  const sort = parseSort(sortKey);
  const [held, setHeld] = useState<{ view: string; keys: string[] } | null>(null);
  const fresh = useMemo(() => {
    const tokens = parseFilter(text);
    const found = (rows ?? []).filter((row) => matches(searchable(row), tokens));
    const by = parseSort(sortKey);
    const column = columns.find((candidate) => candidate.key === by.key);
    return column === undefined ? found : sorted(found, column.value, by.descending, keyOf);
  }, [rows, text, sortKey, columns, keyOf, searchable]);
  const shown = useMemo(() => shownColumns(columns, search.cols), [columns, search.cols]);

  if (rows === undefined && error !== null) return <ProblemPage error={error} onRetry={onRetry} />;
  if (rows === undefined) return <Loading what={title.toLowerCase()} />;

  const view = `${text}\n${sortKey}`;
  const { rows: drawn, waiting } =
    held?.view === view ? heldOrder(fresh, held.keys, keyOf) : { rows: fresh, waiting: 0 };
  const letGo = () => setHeld({ view, keys: fresh.map(keyOf) });
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-2.5">
        <h1 className="text-title font-semibold">
          {title} <span className="ml-0.5 font-normal text-ink-3">{rows.length}</span>
        </h1>
        {counts}
        <div className="ml-auto flex max-w-full flex-wrap items-center gap-2">
          <FilterField
            value={search.q ?? ''}
            hint={hint}
            label={`Filter ${title.toLowerCase()}`}
            onChange={(q) => change({ q })}
          />
          <ViewMenu title={title} columns={columns} shown={shown} rows={drawn} onColumns={(cols) => change({ cols })} />
          {actions}
        </div>
      </header>
      {note}
      {error && (
        <div className="px-5 pb-2">
          <ProblemView error={error} onRetry={onRetry} />
        </div>
      )}
      <p role="status" className="sr-only">{`${drawn.length} of ${rows.length} shown`}</p>
      {rows.length === 0 ? (
        empty
      ) : drawn.length === 0 ? (
        <Empty
          title="Nothing matches the filter"
          action={
            <button type="button" className="button" onClick={() => change({ q: '' })}>
              Clear filter
            </button>
          }
        >
          <code className="font-mono text-mono">{text}</code> matches none of {rows.length}.
        </Empty>
      ) : (
        <>
          {/* Over the table, not above it: a row must not move away from the pointer because of what is said about rows. */}
          <div className="relative z-20 h-0">
            {waiting > 0 && (
              <button
                type="button"
                className="button absolute top-0.5 left-1/2 -translate-x-1/2 text-accent shadow-pop"
                onClick={letGo}
              >
                {waiting} {waiting === 1 ? 'change' : 'changes'} ▸ apply
              </button>
            )}
          </div>
          <VirtualTable
            label={title}
            columns={shown}
            rows={drawn}
            keyOf={keyOf}
            sort={sort}
            onSort={(key) => change({ sort: nextSort(sortKey, key) })}
            onPointing={(pointing) => setHeld(pointing ? { view, keys: fresh.map(keyOf) } : null)}
            {...(isMuted === undefined ? {} : { isMuted })}
          />
        </>
      )}
    </div>
  );
}
