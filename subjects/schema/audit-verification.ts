// Verification of the audit in parts, and its export: each part says where the next begins, so that whoever asks can stop,
// and any replica can go on.
import * as z from 'zod/mini';
import { AuditEntry } from './audit.ts';
import { type Checkpoint, SignedCheckpoint } from './checkpoint.ts';
import { Hash, Id, Timestamp } from './ids.ts';

const count = z.int().check(z.minimum(0));

export const AuditFault = z.strictObject({
  /** `checkpoints` for a checkpoint. */
  partition: z.string(),
  /** Number of the first bad record, or of the checkpoint. */
  number: count,
  kind: z.enum([
    'unreadable',
    'missing',
    'extra',
    'changed',
    'forged',
    'mislabelled',
    'rewritten',
    'truncated',
    'node-chain',
    'checkpoint-missing',
    'checkpoint-changed',
    'checkpoint-forged',
    'witness',
  ]),
  /** A sentence. */
  detail: z.string(),
});
export type AuditFault = z.infer<typeof AuditFault>;

/** Where verification goes on. */
export const VerifyCursor = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('checkpoints'), number: count }),
  z.strictObject({
    phase: z.literal('records'),
    partition: z.string(),
    number: count,
    hash: Hash,
    /** The chain a node made of its own, at its last record. */
    epoch: z.optional(z.string()),
    sequence: z.optional(count),
    nodeHash: z.optional(Hash),
  }),
]);
export type VerifyCursor = z.infer<typeof VerifyCursor>;

/** A checkpoint that somebody holds. */
export const HeldCheckpoint = z.strictObject({
  checkpoint: z.union([SignedCheckpoint, z.strictObject({ number: z.int().check(z.minimum(1)), hash: Hash })]),
  /** Nodes, or `file`. */
  holders: z.array(z.string().check(z.maxLength(64))).check(z.maxLength(5)),
});
export type HeldCheckpoint = z.infer<typeof HeldCheckpoint>;

export const VerifyAudit = z.strictObject({
  /** Null: from the beginning. */
  cursor: z.nullable(VerifyCursor),
  /** Records received from then on; those before are trusted. */
  from: z.optional(Timestamp),
  to: z.optional(Timestamp),
  /** With the first part. */
  held: z.optional(z.array(HeldCheckpoint)),
});
export type VerifyAudit = z.infer<typeof VerifyAudit>;

export const VerifiedPart = z.strictObject({
  /** Null: all is verified. */
  cursor: z.nullable(VerifyCursor),
  /** In this part. */
  records: count,
  checkpoints: count,
  faults: z.array(AuditFault),
});
export type VerifiedPart = z.infer<typeof VerifiedPart>;

export const AuditVerification = z.strictObject({
  valid: z.boolean(),
  /** The first bad place; null when all is well. */
  first: z.nullable(AuditFault),
  /** The first of each partition, up to 100. */
  faults: z.array(AuditFault),
  records: count,
  checkpoints: count,
  /** The newest checkpoint: kept elsewhere, it is a witness. */
  newest: z.nullable(SignedCheckpoint),
  /** Whether the database keeps this core from changing records by itself. */
  isRestricted: z.boolean(),
  agents: z.nullable(
    z.strictObject({
      asked: count,
      answered: count,
      silent: z.array(z.string()),
      /** What nodes say and nothing proves, up to 100: any node can say anything, so the verdict does not go by it. */
      claims: z.array(z.strictObject({ node: Id, detail: z.string() })),
    }),
  ),
});
export type AuditVerification = z.infer<typeof AuditVerification>;

export const AuditSummary = z.strictObject({
  records: count,
  newest: z.nullable(SignedCheckpoint),
  isRestricted: z.boolean(),
});

const Line = z.discriminatedUnion('type', [
  z.extend(AuditEntry, { type: z.literal('record') }),
  z.strictObject({
    type: z.literal('checkpoint'),
    signed: SignedCheckpoint,
    heads: z.array(z.strictObject({ partition: z.string(), before: count, number: count, hash: Hash })),
  }),
]);
export const ExportLine = Line;
export type ExportLine = z.infer<typeof ExportLine>;

export const ExportAudit = z.strictObject({
  cursor: z.nullable(VerifyCursor),
  from: z.optional(Timestamp),
  to: z.optional(Timestamp),
});
export const ExportedPart = z.strictObject({ cursor: z.nullable(VerifyCursor), lines: z.array(ExportLine) });
export type { Checkpoint };
