// Audit records: who asked what, with which outcome.
import * as z from 'zod/mini';
import { Actor, Page } from './actor.ts';
import { Id, Timestamp } from './ids.ts';

export const AuditRecord = z.strictObject({
  kind: z.literal('audit'),
  id: Id,
  at: Timestamp,
  actor: Actor,
  /** Verb on a noun: `stack.put`, `node.remove`. */
  action: z.string().check(z.regex(/^[a-z-]+\.[a-z-]+$/)),
  /** `stacks/web`, `nodes/<id>`. */
  object: z.string().check(z.maxLength(512)),
  outcome: z.enum(['accepted', 'refused']),
  /** Error code when refused. */
  code: z.nullable(z.string()),
  /** Never secret values; large arguments by their hash. */
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

export const StoredAuditRecord = z.extend(AuditRecord, {
  sequence: z.int(),
  /** Service or node that wrote it, as the bus enforced it. */
  source: z.string(),
});
export const AuditList = z.strictObject({
  items: z.array(StoredAuditRecord),
  nextCursor: z.nullable(z.string()),
});
export const ListAudit = z.strictObject({
  action: z.optional(z.string()),
  object: z.optional(z.string()),
  ...Page,
});
