// Tells of the whole rows of one block: joined, searched for secrets where the stack has some, each with its place.
import type { Gatherer, Origin } from './gather.ts';
import { type JoinOptions, joinRows } from './join.ts';
import { markAfter } from './log-file.ts';
import type { LineRate } from './rate.ts';
import { type Held, redacting } from './redacted.ts';
import type { Row } from './row.ts';
import type { LineSearch } from './searched.ts';
import type { Place } from './source.ts';
import { telling } from './telling.ts';

export interface BlockParts {
  readonly origin: Origin;
  readonly rate: LineRate;
  readonly row: Row;
  /** Null: there is nothing to look for. */
  readonly search: LineSearch | null;
  readonly held: Held;
  readonly unfinished: JoinOptions['unfinished'];
}

const NEWLINE = 10;

/** @param bytes whole rows from that place on. @returns the place after those that were taken */
export function tellBlock(gatherer: Gatherer, bytes: Buffer, place: Place, parts: BlockParts): Place {
  const { origin, rate, row, search, held, unfinished } = parts;
  const { collect } = origin.logs;
  if (collect === 'off') return moved(place, bytes, { row: place.row + countRows(bytes) });
  const { after: until = null, ...begin } = place;
  const told = telling(gatherer, { ...begin, origin, rate, after: until === null ? null : BigInt(until) });
  const sink = search === null ? told : redacting(told, search, held);
  const options = { isErrorsOnly: collect === 'errors', unfinished };
  const left = joinRows(bytes.toString('utf8'), row, options, sink);
  const { after, ...reached } = { row: told.row, next: told.next, last: told.last, after: told.after };
  const kept = after === null ? begin : { ...begin, after: String(after) };
  return moved(kept, withoutRows(bytes, left), reached);
}

function moved(place: Place, bytes: Buffer, change: Partial<Place>): Place {
  return { ...place, ...change, offset: place.offset + bytes.length, mark: markAfter(place.mark, bytes) };
}

function countRows(bytes: Buffer): number {
  let rows = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) rows += 1;
  return rows;
}

/** @param count at the end */
function withoutRows(bytes: Buffer, count: number): Buffer {
  let end = bytes.length;
  for (let left = count; left > 0; left--) end = bytes.lastIndexOf(NEWLINE, end - 2) + 1;
  return bytes.subarray(0, end);
}
