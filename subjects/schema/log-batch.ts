// Container log lines on their way to the core. Every row of a container's log has a place that does not depend on who
// reads it, or how often: the file it stood in, and its number there. So a batch that is sent again, or read again after a
// crash and cut otherwise, is known row by row.
import * as z from 'zod/mini';
import { LOG_CHUNK_MAX_CHARACTERS } from '../limits.ts';
import { Id, StackName } from './ids.ts';

/** Nanoseconds since 1970, decimal: beyond what a number holds. */
export const Nanoseconds = z.string().check(z.regex(/^\d{1,19}$/, 'must be nanoseconds since 1970'));
const name = z.string().check(z.minLength(1), z.maxLength(255));
const count = z.int().check(z.minimum(0));

const source = {
  /** The engine's id. */
  container: z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be the id of a container')),
  name,
  stack: StackName,
  service: name,
  /** Deployment that the stack stood at. */
  deployment: z.nullable(Id),
  /** Days the lines are kept; null: as long as there is room. */
  keepDays: z.nullable(z.int().check(z.minimum(1), z.maximum(3650))),
};

/** Of a json-file: a hash of its first row, which holds its time. Of another driver: made when following began. */
export const LogFileId = z.string().check(z.regex(/^[0-9a-f]{32}$/, 'must be the id of a log file'));
export type LogFileId = z.infer<typeof LogFileId>;

export const LogChunk = z.strictObject({
  ...source,
  file: LogFileId,
  /** Number of the first row in that file, from 0. */
  first: count,
  /** More than lines where the engine parted a long line into several rows. */
  rows: z.int().check(z.minimum(1)),
  lines: z.int().check(z.minimum(1)),
  /** The earliest and the latest time of a line: clocks jump, and two streams are not in order. */
  from: Nanoseconds,
  to: Nanoseconds,
  /** As `log-lines.ts` writes them. */
  text: z.string().check(z.minLength(1), z.maxLength(LOG_CHUNK_MAX_CHARACTERS)),
});
export type LogChunk = z.infer<typeof LogChunk>;

export const GAP_REASONS = [
  /** The engine had thrown the file away before it was read. */
  'rotated',
  /** More than the stack's rate; counted. */
  'rate-limited',
  /** The file became shorter, or another stood in its place. */
  'truncated',
  /** Rows that are no rows of a log. */
  'unreadable',
  /** The core was away for longer than there is room on the node. */
  'spool-full',
  /** Read through the engine, which loses lines when it rotates, and says nothing. */
  'engine',
] as const;

/** Lines that will not come, and why. */
export const LogGap = z.strictObject({
  ...source,
  /** With `first` and `rows`: the very rows. Null: nobody knows which, only what stood before and after. */
  file: z.nullable(LogFileId),
  first: z.nullable(count),
  rows: z.nullable(z.int().check(z.minimum(1))),
  /** Times of the last line before and of the first line after it. */
  from: z.nullable(Nanoseconds),
  to: z.nullable(Nanoseconds),
  reason: z.enum(GAP_REASONS),
  /** Told once, however often it arrives. */
  key: z.string().check(z.minLength(1), z.maxLength(200)),
});
export type LogGap = z.infer<typeof LogGap>;

export const LogBatch = z.strictObject({
  kind: z.literal('log'),
  chunks: z.array(LogChunk).check(z.maxLength(1000)),
  gaps: z.array(LogGap).check(z.maxLength(1000)),
});
export type LogBatch = z.infer<typeof LogBatch>;
