// Which columns a list shows, and the list as a file.
import { Menu } from '../parts/menu.tsx';
import type { Column } from './column.ts';
import { csv } from './export.ts';

interface Props<Row> {
  title: string;
  columns: readonly Column<Row>[];
  shown: readonly Column<Row>[];
  rows: readonly Row[];
  onColumns: (cols: string | undefined) => void;
}

function download(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function ViewMenu<Row>({ title, columns, shown, rows, onColumns }: Props<Row>) {
  const keys = new Set(shown.map((column) => column.key));
  const toggle = (key: string) => {
    const wanted = columns.filter((column) => (column.key === key ? !keys.has(key) : keys.has(column.key)));
    onColumns(wanted.map((column) => column.key).join(','));
  };
  const file = title.toLowerCase();
  const saveCsv = () =>
    download(
      `${file}.csv`,
      'text/csv',
      csv(
        shown.map((column) => column.title),
        rows.map((row) => shown.map((column) => String(column.value(row) ?? ''))),
      ),
    );
  return (
    <Menu label="View" title="View: columns and export">
      {() => (
        <>
          <fieldset>
            <legend className="column-title mb-1">Columns</legend>
            {columns.slice(1).map((column) => (
              <label key={column.key} className="flex h-7 items-center gap-2 whitespace-nowrap">
                <input
                  type="checkbox"
                  className="size-4 accent-accent"
                  checked={keys.has(column.key)}
                  onChange={() => toggle(column.key)}
                />
                {column.title}
              </label>
            ))}
          </fieldset>
          <div className="mt-2 flex gap-2 border-t border-line pt-3">
            <button type="button" className="button" onClick={() => onColumns(undefined)}>
              Reset
            </button>
            <button type="button" className="button" onClick={saveCsv}>
              CSV
            </button>
            <button
              type="button"
              className="button"
              onClick={() => download(`${file}.json`, 'application/json', JSON.stringify(rows, null, 2))}
            >
              JSON
            </button>
          </div>
        </>
      )}
    </Menu>
  );
}
