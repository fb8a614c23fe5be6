// Checkpoints of the audit: what it held at a time, signed. Nodes keep them, so that a rewritten database is found out.
import * as z from 'zod/mini';
import { Hash, Id, Timestamp } from './ids.ts';

const count = z.int().check(z.minimum(0));

export const Checkpoint = z.strictObject({
  kind: z.literal('checkpoint'),
  /** From 1 without a hole. */
  number: z.int().check(z.minimum(1)),
  at: Timestamp,
  /** SHA-256 of the canonical JSON of the one before; zeros before the first. */
  previous: Hash,
  /** Merkle root (RFC 6962) over the heads of the partitions that grew since the one before, by name. */
  root: Hash,
  /** Partitions that grew. */
  partitions: count,
  /** Of all partitions, from the beginning. */
  records: count,
});
export type Checkpoint = z.infer<typeof Checkpoint>;

export const SignedCheckpoint = z.strictObject({
  checkpoint: Checkpoint,
  /** Raw Ed25519 public key, base64url. */
  key: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
  /** Over the canonical JSON of `checkpoint` under a domain prefix, base64url. */
  signature: z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/)),
});
export type SignedCheckpoint = z.infer<typeof SignedCheckpoint>;

/** What a node holds as a witness: the newest last. */
export const Witness = z.strictObject({
  kind: z.literal('witness'),
  /** The key it trusts since its first checkpoint; null before. */
  key: z.nullable(z.string().check(z.maxLength(64))),
  held: z.array(SignedCheckpoint).check(z.maxLength(64)),
  /** Why it takes no more; null while all is well. */
  conflict: z.nullable(z.string().check(z.maxLength(1024))),
});
export type Witness = z.infer<typeof Witness>;

export const NodeWitness = z.strictObject({ node: Id, witness: z.nullable(Witness), error: z.nullable(z.string()) });
export type NodeWitness = z.infer<typeof NodeWitness>;
