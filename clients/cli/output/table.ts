// Tables: columns as wide as what stands in them, and no wider than the terminal. Pure.
import { visible } from '#clients/sdk/terminal-text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string;
  /** Shown only where there is room: `-o wide`. */
  readonly wide?: boolean;
}

export interface TableOptions {
  readonly headers: boolean;
  readonly wide: boolean;
  /** Null: as wide as it gets, as for a pipe. */
  readonly width: number | null;
}

const GAP = '  ';
/** Narrower says nothing any more. */
const NARROWEST = 6;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** East Asian and pictures take two cells. */
const DOUBLE = /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/u;

function cells(text: string): { part: string; width: number }[] {
  return [...graphemes.segment(text)].map(({ segment }) => ({ part: segment, width: DOUBLE.test(segment) ? 2 : 1 }));
}

export function widthOf(text: string): number {
  return cells(text).reduce((sum, { width }) => sum + width, 0);
}

function fitted(text: string, width: number): string {
  if (widthOf(text) <= width) return text + ' '.repeat(width - widthOf(text));
  let taken = '';
  let room = width - 1;
  for (const { part, width: needed } of cells(text)) {
    if (needed > room) break;
    taken += part;
    room -= needed;
  }
  return `${taken}…${' '.repeat(room)}`;
}

/** The widest column gives way first. */
function shrunk(widths: number[], width: number): number[] {
  const left = [...widths];
  const total = () => left.reduce((sum, one) => sum + one, 0) + GAP.length * (left.length - 1);
  while (total() > width) {
    const widest = left.indexOf(Math.max(...left));
    if ((left[widest] ?? 0) <= NARROWEST) break;
    left[widest] = (left[widest] ?? 0) - 1;
  }
  return left;
}

export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], options: TableOptions): string {
  const shown = columns.filter(({ wide }) => options.wide || !wide);
  const body = rows.map((row) => shown.map((column) => visible(column.of(row))));
  const lines = options.headers ? [shown.map(({ title }) => title), ...body] : body;
  const natural = shown.map((_, index) => Math.max(0, ...lines.map((line) => widthOf(line[index] ?? ''))));
  const widths = options.width === null ? natural : shrunk(natural, options.width);
  const written = lines.map((line) => line.map((text, index) => fitted(text, widths[index] ?? 0)).join(GAP));
  return written.map((line) => `${line.trimEnd()}\n`).join('');
}
