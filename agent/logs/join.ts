// Pure: rows of a block joined to lines. The engine parts a line above 16 kB into several rows of one time, and says nothing
// of it: all but the last have no newline. Pieces end by what stands in the file alone (four rows, another row between),
// never by when it was read, so that reading again cuts the same.
import type { Line } from './chunk.ts';
import type { Row } from './row.ts';

export interface RowSink {
  /** @param rows that it stood in */
  line(line: Line, rows: number): void;
  /** Nobody asked for them. */
  skipped(rows: number): void;
  /** They are no rows of a log. */
  unreadable(rows: number): void;
}

/** A part has 16,384 bytes, and a character at most three of them: a shorter row without newline was its writer's last. */
const SHORTEST_PART = 5_461;
const MOST_ROWS_OF_A_PIECE = 4;

interface Unfinished {
  readonly isError: boolean;
  readonly seconds: number;
  readonly nanos: number;
  text: string;
  rows: number;
}

export type ReadRow = Pick<Row, 'isError' | 'seconds' | 'nanos' | 'text' | 'isEnd'>;

export class LineJoiner {
  readonly #sink: RowSink;
  #unfinished: Unfinished | null = null;

  constructor(sink: RowSink) {
    this.#sink = sink;
  }

  /** Rows of a line that has no end yet. */
  get unfinishedRows(): number {
    return this.#unfinished?.rows ?? 0;
  }

  take({ isError, seconds, nanos, text, isEnd }: ReadRow): void {
    const isWhole = isEnd || text.length < SHORTEST_PART;
    const before = this.#unfinished;
    if (before !== null) {
      const isSameTime = before.seconds === seconds && before.nanos === nanos;
      if (before.isError !== isError || !isSameTime) this.release(before.isError !== isError);
    }
    if (this.#unfinished === null) {
      if (isWhole) this.#sink.line({ isError, isPiece: false, seconds, nanos, text }, 1);
      else this.#unfinished = { isError, seconds, nanos, text, rows: 1 };
      return;
    }
    this.#unfinished.text += text;
    this.#unfinished.rows += 1;
    if (isWhole) this.release(false);
    else if (this.#unfinished.rows === MOST_ROWS_OF_A_PIECE) this.release(true);
  }

  skipped(): void {
    this.release(true);
    this.#sink.skipped(1);
  }

  unreadable(): void {
    this.release(true);
    this.#sink.unreadable(1);
  }

  release(isPiece: boolean): void {
    if (this.#unfinished === null) return;
    const { rows, ...line } = this.#unfinished;
    this.#unfinished = null;
    this.#sink.line({ ...line, isPiece }, rows);
  }
}

export interface JoinOptions {
  readonly isErrorsOnly: boolean;
  /** What becomes of a line that has no end yet: it waits, goes as a piece, or is whole since nothing will follow. */
  readonly unfinished: 'waits' | 'piece' | 'whole';
}

/**
 * @param block whole rows
 * @returns rows at the end that were not taken: their line has no end yet
 */
export function joinRows(block: string, row: Row, options: JoinOptions, sink: RowSink): number {
  const joiner = new LineJoiner(sink);
  for (let start = 0; start < block.length; ) {
    const end = block.indexOf('\n', start);
    if (!row.read(block, start, end)) joiner.unreadable();
    else if (options.isErrorsOnly && !row.isError) joiner.skipped();
    else joiner.take(row);
    start = end + 1;
  }
  if (options.unfinished !== 'waits') joiner.release(options.unfinished === 'piece');
  return joiner.unfinishedRows;
}
