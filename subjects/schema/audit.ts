// Audit records: who asked what, with which outcome; and the chain that a node makes of its own.
import * as z from 'zod/mini';
import { Actor, Page } from './actor.ts';
import { Hash, Id, NodeKey, Timestamp } from './ids.ts';

export const AuditRecord = z.strictObject({
  kind: z.literal('audit'),
  id: Id,
  at: Timestamp,
  actor: Actor,
  /** Verb on a noun: `stack.put`, `node.remove`. */
  action: z.string().check(z.regex(/^[a-z-]+\.[a-z-]+$/)),
  /** `stacks/web`, `nodes/<id>`. */
  object: z.string().check(z.maxLength(512)),
  /** `accepted`: it will be done; the others are told when it is over. */
  outcome: z.enum(['accepted', 'refused', 'succeeded', 'failed']),
  /** Error code when refused. */
  code: z.nullable(z.string()),
  /** Never secret values; large arguments by their hash. */
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

/** A record's place in the chain of the node that made it. */
export const NodeChain = z.strictObject({
  /** Of the node's spool; a node that lost its disk begins another one. */
  epoch: Id,
  sequence: z.int().check(z.minimum(1)),
  /** Hash of the record before; zeros before the first. */
  previous: Hash,
  key: NodeKey,
  /** By the node's key over the hash of this one, base64url. */
  signature: z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/)),
});
export type NodeChain = z.infer<typeof NodeChain>;

export const NodeAudit = z.strictObject({ kind: z.literal('node-audit'), record: AuditRecord, chain: NodeChain });
export type NodeAudit = z.infer<typeof NodeAudit>;

/**
 * What was wrong with a node's record when it arrived: it is kept all the same, and said. `key`: not the node's enrolled
 * key; `signature`: not made by that key; `actor`: it speaks for somebody else; `hole`: records before it are missing;
 * `late`: its place is before the newest one's, in a hole or because the node went back; `restarted`: the node began another
 * chain; `fork`: it contradicts the one before.
 */
export const NodeAuditFault = z.enum(['key', 'signature', 'actor', 'hole', 'late', 'restarted', 'fork']);
export type NodeAuditFault = z.infer<typeof NodeAuditFault>;

/** What a hash covers, as canonical JSON. */
export const AuditBody = z.strictObject({
  receivedAt: Timestamp,
  record: AuditRecord,
  chain: z.optional(NodeChain),
  fault: z.optional(NodeAuditFault),
});
export type AuditBody = z.infer<typeof AuditBody>;

/** A record with its place: all that is needed to check it without the core. */
export const AuditEntry = z.strictObject({
  /** The service that wrote it, or `node:<id>`. */
  partition: z.string().check(z.maxLength(64)),
  number: z.int().check(z.minimum(1)),
  previous: Hash,
  hash: Hash,
  /** Canonical JSON of an AuditBody. */
  body: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const StoredAuditRecord = z.extend(AuditRecord, {
  /** Order of arrival. */
  sequence: z.int(),
  /** Service or node that wrote it, as the bus enforced it. */
  source: z.string(),
  receivedAt: Timestamp,
  partition: z.string(),
  /** Place in its partition. */
  number: z.int(),
  hash: Hash,
  /** Null for what a service recorded, and for a node's record that is in order. */
  fault: z.nullable(NodeAuditFault),
});
export type StoredAuditRecord = z.infer<typeof StoredAuditRecord>;
export const AuditList = z.strictObject({
  items: z.array(StoredAuditRecord),
  nextCursor: z.nullable(z.string()),
});

export const AuditFilter = {
  action: z.optional(z.string()),
  object: z.optional(z.string()),
  /** Id of who asked. */
  actor: z.optional(z.string()),
  request: z.optional(Id),
  deployment: z.optional(Id),
};
export const ListAudit = z.strictObject({ ...AuditFilter, ...Page });

/** Records after a place, in the order they came; asked again and again. */
export const FollowAudit = z.strictObject({
  ...AuditFilter,
  /** Null: from now on. */
  after: z.nullable(z.int().check(z.minimum(0))),
  /** How long to wait for one when there is none. */
  waitMs: z.int().check(z.minimum(0), z.maximum(20_000)),
});
export const FollowedAudit = z.strictObject({
  items: z.array(StoredAuditRecord),
  /** All up to here was looked at. */
  place: z.int(),
});
