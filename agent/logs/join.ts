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
  let unfinished: Unfinished | null = null;

  function release(isPiece: boolean): void {
    if (unfinished === null) return;
    const { rows, ...line } = unfinished;
    sink.line({ ...line, isPiece }, rows);
    unfinished = null;
  }

  function take(): void {
    const { isError, seconds, nanos, text, isEnd } = row;
    if (unfinished !== null) {
      const goesOn = unfinished.seconds === seconds && unfinished.nanos === nanos;
      if (unfinished.isError !== isError || !goesOn) release(unfinished.isError !== isError);
    }
    const isWhole = isEnd || text.length < SHORTEST_PART;
    if (unfinished === null) {
      if (isWhole) sink.line({ isError, isPiece: false, seconds, nanos, text }, 1);
      else unfinished = { isError, seconds, nanos, text, rows: 1 };
      return;
    }
    unfinished.text += text;
    unfinished.rows += 1;
    if (isWhole) release(false);
    else if (unfinished.rows === MOST_ROWS_OF_A_PIECE) release(true);
  }

  for (let start = 0; start < block.length; ) {
    const end = block.indexOf('\n', start);
    if (!row.read(block, start, end)) {
      release(true);
      sink.unreadable(1);
    } else if (options.isErrorsOnly && !row.isError) {
      release(true);
      sink.skipped(1);
    } else {
      take();
    }
    start = end + 1;
  }
  if (options.unfinished !== 'waits') release(options.unfinished === 'piece');
  return (unfinished as Unfinished | null)?.rows ?? 0;
}
