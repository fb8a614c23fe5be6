// Answers in the form that was asked for. Data go to stdout as the REST interface has them; everything else to stderr.
import { visible } from '#clients/sdk/terminal-text.ts';
import { EXIT, Failure } from '../failure.ts';
import { jsonLine, jsonText, yamlText } from './data.ts';
import { type Column, table } from './table.ts';

const FORMATS = ['table', 'wide', 'json', 'yaml', 'name', 'ndjson'] as const;
export type Format = (typeof FORMATS)[number];

export interface View {
  readonly format: Format;
  readonly headers: boolean;
  /** Ids only. */
  readonly quiet: boolean;
  /** Null when nobody watches. */
  readonly width: number | null;
  write(text: string): void;
}

export interface Kind<Row> {
  readonly columns: readonly Column<Row>[];
  /** `nodes/nas`. */
  readonly name: (row: Row) => string;
  readonly id: (row: Row) => string;
  /** Said instead of an empty table. */
  readonly none: string;
}

export function formatOf(text: string): Format {
  // What has no columns is text.
  const found = FORMATS.find((format) => format === (text === 'text' ? 'table' : text));
  if (found) return found;
  throw new Failure(EXIT.usage, `There is no format ${text}.`, `Use one of ${FORMATS.join(', ')}.`);
}

const lines = (texts: readonly string[]) => texts.map((text) => `${visible(text)}\n`).join('');

function listText<Row>(view: View, kind: Kind<Row>, items: readonly Row[]): string {
  if (view.quiet) return lines(items.map(kind.id));
  switch (view.format) {
    case 'json':
      return jsonText({ items, nextCursor: null });
    case 'ndjson':
      return items.map(jsonLine).join('');
    case 'yaml':
      return yamlText({ items });
    case 'name':
      return lines(items.map(kind.name));
    default: {
      const { headers, width, format } = view;
      return items.length === 0 ? '' : table(kind.columns, items, { headers, wide: format === 'wide', width });
    }
  }
}

export function showList<Row>(view: View, kind: Kind<Row>, items: readonly Row[], note: (text: string) => void): void {
  if (items.length === 0 && !view.quiet && (view.format === 'table' || view.format === 'wide')) note(kind.none);
  view.write(listText(view, kind, items));
}

/** `text` writes it for people. */
export function showOne<Row>(view: View, kind: Pick<Kind<Row>, 'name' | 'id'>, item: Row, text: () => string): void {
  const forms: Readonly<Record<Format, () => string>> = {
    json: () => jsonText(item),
    ndjson: () => jsonLine(item),
    yaml: () => yamlText(item),
    name: () => lines([kind.name(item)]),
    table: text,
    wide: text,
  };
  view.write(view.quiet ? lines([kind.id(item)]) : forms[view.format]());
}
