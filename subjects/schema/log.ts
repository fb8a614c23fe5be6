// Log lines as the core shows them: searched, followed, and what is known to be missing.
import * as z from 'zod/mini';
import { Id, StackName, Timestamp } from './ids.ts';
import { GAP_REASONS, LogFileId } from './log-batch.ts';

const name = z.string().check(z.minLength(1), z.maxLength(255));

/** All that are given must hold. */
export const LogFilter = z.strictObject({
  node: z.optional(Id),
  stack: z.optional(StackName),
  service: z.optional(name),
  /** Name, id, or the beginning of an id. */
  container: z.optional(name),
  stream: z.optional(z.enum(['stdout', 'stderr'])),
  /** From this time on, and before that one. */
  since: z.optional(Timestamp),
  until: z.optional(Timestamp),
  /** Held by the line; without regard to capitals unless it has one. */
  text: z.optional(z.string().check(z.minLength(1), z.maxLength(512))),
  /** RE2, so that no expression takes for ever. */
  regex: z.optional(z.string().check(z.minLength(1), z.maxLength(512))),
});
export type LogFilter = z.infer<typeof LogFilter>;

const place = {
  /** Its place, for `Last-Event-ID`. */
  id: z.string(),
  node: Id,
  stack: StackName,
  service: z.string(),
  container: z.string(),
  containerName: z.string(),
  deployment: z.nullable(Id),
};

export const LogLine = z.strictObject({
  type: z.literal('line'),
  ...place,
  stream: z.enum(['stdout', 'stderr']),
  /** With nanoseconds: `2026-01-02T03:04:05.123456789Z`. */
  at: z.string(),
  text: z.string(),
  /** The next line of this container and stream goes on with it. */
  partial: z.boolean(),
});
export type LogLine = z.infer<typeof LogLine>;

export const LogGapLine = z.strictObject({
  type: z.literal('gap'),
  ...place,
  /** Times of the last line before and the first after. */
  from: z.nullable(z.string()),
  to: z.nullable(z.string()),
  reason: z.enum(GAP_REASONS),
  /** Rows of the log that are missing; null when nobody knows. */
  rows: z.nullable(z.int()),
});
export type LogGapLine = z.infer<typeof LogGapLine>;

export const LogItem = z.discriminatedUnion('type', [LogLine, LogGapLine]);
export type LogItem = z.infer<typeof LogItem>;

const LIMIT_MAX = 5000;
const limit = z.int().check(z.minimum(1), z.maximum(LIMIT_MAX));
const cursor = z.string().check(z.maxLength(256));

/** In order of time over all nodes. */
export const ReadLogs = z.strictObject({
  filter: LogFilter,
  /** `backward`: the newest first. */
  order: z.enum(['forward', 'backward']),
  limit,
  cursor: z.optional(cursor),
  /** A place: only what had arrived by then. */
  upTo: z.optional(cursor),
});
export type ReadLogs = z.infer<typeof ReadLogs>;
export const LogPage = z.strictObject({
  items: z.array(LogItem),
  /** Goes on in the asked order; null at the end. A search may be cut with few items found, and goes on with it. */
  nextCursor: z.nullable(cursor),
  /** What lies on the other side of the first item, in the opposite order; null when nothing was found. */
  previousCursor: z.nullable(cursor),
});
export type LogPage = z.infer<typeof LogPage>;

/** In order of arrival, each once: answered as soon as there is something, or empty after `waitMs`. */
export const FollowLogs = z.strictObject({
  filter: LogFilter,
  /** Null: from now on. */
  after: z.nullable(cursor),
  limit,
  waitMs: z.int().check(z.minimum(0), z.maximum(30_000)),
});
export type FollowLogs = z.infer<typeof FollowLogs>;
export const FollowedLogs = z.strictObject({
  items: z.array(LogItem),
  /** Where to go on, also when nothing matched. */
  after: cursor,
});
export type FollowedLogs = z.infer<typeof FollowedLogs>;

/** What is held of one log file of a container, and what is not. Rows from 0; ends are exclusive. */
export const LogCoverage = z.strictObject({
  node: Id,
  stack: StackName,
  service: z.string(),
  container: z.string(),
  containerName: z.string(),
  file: z.nullable(LogFileId),
  held: z.array(z.strictObject({ from: z.int(), to: z.int() })),
  /** Told by the node. */
  gaps: z.array(
    z.strictObject({
      from: z.nullable(z.int()),
      to: z.nullable(z.int()),
      reason: z.enum(GAP_REASONS),
      since: z.nullable(z.string()),
      until: z.nullable(z.string()),
    }),
  ),
  /** Neither held nor told: on their way, or removed here to make room (then they are the first). */
  unknown: z.array(z.strictObject({ from: z.int(), to: z.int() })),
  firstAt: z.nullable(z.string()),
  lastAt: z.nullable(z.string()),
  lines: z.int(),
  bytes: z.int(),
});
export type LogCoverage = z.infer<typeof LogCoverage>;
export const ReadCoverage = z.strictObject({
  node: z.optional(Id),
  stack: z.optional(StackName),
  container: z.optional(name),
  limit: z.optional(z.int().check(z.minimum(1), z.maximum(1000))),
  cursor: z.optional(cursor),
});
export type ReadCoverage = z.infer<typeof ReadCoverage>;
export const CoverageList = z.strictObject({ items: z.array(LogCoverage), nextCursor: z.nullable(cursor) });
export type CoverageList = z.infer<typeof CoverageList>;
