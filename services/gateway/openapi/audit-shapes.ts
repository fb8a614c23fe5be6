// What is asked about the audit.
import * as z from 'zod/mini';
import { Id, Timestamp } from '#subjects/schema/ids.ts';

/** Parameters of an address arrive as text. */
const Limit = z.optional(z.coerce.number().check(z.multipleOf(1), z.minimum(1), z.maximum(1000)));
const Cursor = z.optional(z.string().check(z.minLength(1), z.maxLength(256)));
const text = z.string().check(
  z.maxLength(512),
  z.refine((given) => !given.includes('\u0000'), 'holds a NUL'),
);
export const AuditQuery = z.strictObject({
  action: z.optional(text),
  object: z.optional(text),
  actor: z.optional(text),
  request: z.optional(Id),
  deployment: z.optional(Id),
  limit: Limit,
  cursor: Cursor,
});

const Range = { from: z.optional(Timestamp), to: z.optional(Timestamp) };
export const VerifyQuery = z.strictObject({
  ...Range,
  agents: z.optional(z.enum(['true', 'false'])),
  /** Of a checkpoint that was kept elsewhere. */
  checkpoint: z.optional(z.string().check(z.regex(/^[1-9]\d{0,14}-[0-9a-f]{64}$/, 'must be <number>-<hash>'))),
});
export const ExportQuery = z.strictObject(Range);
