// Pure: gives rows their place and hands them to the batch that is gathered, unless the stack's policy says otherwise.
import type { Line } from './chunk.ts';
import { nanoseconds } from './chunk.ts';
import type { Gatherer, Origin } from './gather.ts';
import type { RowSink } from './join.ts';
import type { LineRate } from './rate.ts';

export interface Telling extends RowSink {
  /** Number of the row that comes next. */
  readonly row: number;
  /** First row that nothing was told of. */
  readonly next: number;
  readonly last: string | null;
  readonly after: bigint | null;
}

interface Begin {
  readonly origin: Origin;
  readonly rate: LineRate;
  readonly row: number;
  readonly next: number;
  readonly last: string | null;
  /** Lines at the begin are passed over, up to the first that is later. */
  readonly after: bigint | null;
}

export function telling(gatherer: Gatherer, { origin, rate, ...begin }: Begin): Telling {
  let { row, next, after } = begin;
  let last: Line | null = null;

  return {
    get row() {
      return row;
    },
    get next() {
      return next;
    },
    get last() {
      return last === null ? begin.last : nanoseconds(last.seconds, last.nanos);
    },
    get after() {
      return after;
    },
    line(line, rows) {
      row += rows;
      if (row <= next) return;
      if (after !== null && BigInt(nanoseconds(line.seconds, line.nanos)) <= after) return;
      after = null;
      // With the rows before it that nobody asked for: they are no hole.
      const taken = row - next;
      last = line;
      if (rate.takes(line.seconds)) gatherer.line(origin, next, line, taken);
      else gatherer.lost(origin, next, taken, 'rate-limited', [line.seconds, line.nanos]);
      next = row;
    },
    skipped(rows) {
      row += rows;
    },
    unreadable(rows) {
      row += rows;
      if (row <= next) return;
      gatherer.lost(origin, next, row - next, 'unreadable', last && [last.seconds, last.nanos]);
      next = row;
    },
  };
}
