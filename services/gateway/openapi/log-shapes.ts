// What the addresses of logs are asked with.
import * as z from 'zod/mini';
import { Id, StackName } from '#subjects/schema/ids.ts';
import { LogFilter, ReadCoverage } from '#subjects/schema/log.ts';
import { LogTime } from '../log-times.ts';
import { Cursor, Limit } from './shapes.ts';

const { service, container, stream, text, regex } = LogFilter.shape;
const filter = {
  node: z.optional(Id),
  stack: z.optional(StackName),
  ...{ service, container, stream },
  since: z.optional(LogTime),
  until: z.optional(LogTime),
  ...{ text, regex },
};

export const LogQuery = z.strictObject({
  ...filter,
  order: z.optional(z.enum(['forward', 'backward'])),
  limit: Limit,
  cursor: Cursor,
  /** Of a live stream: so many lines of before come first. */
  tail: z.optional(z.coerce.number().check(z.multipleOf(1), z.minimum(0), z.maximum(1000))),
});
export type LogQuery = z.infer<typeof LogQuery>;

export const LogDownloadQuery = z.strictObject({
  ...filter,
  format: z.optional(z.enum(['text', 'ndjson'])),
  cursor: Cursor,
});

export const CoverageQuery = z.strictObject({ ...ReadCoverage.shape, limit: Limit, cursor: Cursor });
