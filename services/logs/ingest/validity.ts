// What must hold of a batch beyond its schema. Nothing here looks at a line: a batch has thousands, and they are believed
// or not when somebody reads them. Pure.
import type { LogBatch } from '#subjects/schema/log-batch.ts';

/** In 2262. One less than a 64-bit number holds: the end of a range of times is the first that is not in it. */
const LATEST = 9_223_372_036_854_775_806n;

function linesOf(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

const isTime = (text: string | null) => text === null || BigInt(text) <= LATEST;
/** PostgreSQL holds no NUL in a text. */
const isText = (...texts: readonly string[]) => texts.every((text) => !text.includes('\u0000'));
const isRange = (first: number, rows: number) => Number.isSafeInteger(first + rows);

/** Null when all of it can be kept; else what is wrong, without any of its content. */
export function faultOf({ chunks, gaps }: LogBatch): string | null {
  for (const { name, service, first, rows, lines, from, to, text } of chunks) {
    if (!isText(name, service)) return 'a name holds a NUL';
    if (!isTime(from) || !isTime(to) || BigInt(from) > BigInt(to)) return 'the times of a chunk are none';
    if (!isRange(first, rows) || lines > rows) return 'the rows of a chunk are none';
    if (linesOf(text) !== lines) return 'a chunk has another number of lines than it says';
  }
  for (const { name, service, key, file, first, rows, from, to } of gaps) {
    if (!isText(name, service, key)) return 'a name holds a NUL';
    if (!isTime(from) || !isTime(to)) return 'the times of a gap are none';
    if (first !== null && (rows === null || file === null || !isRange(first, rows)))
      return 'the rows of a gap are none';
  }
  return null;
}
