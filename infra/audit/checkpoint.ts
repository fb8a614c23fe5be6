// Checkpoints: made by the audit service, verified by nodes, by the service itself and by whoever has an export.
import type { KeyObject } from 'node:crypto';
import { isSignedBy, publicKeyFromRaw, rawPublicKey, signBytes } from '#infra/signing/ed25519.ts';
import type { Checkpoint, SignedCheckpoint } from '#subjects/schema/checkpoint.ts';
import { canonical, linkHash, sha256 } from './chain.ts';
import { merkleRoot } from './merkle.ts';

/** A partition as a checkpoint saw it. */
export interface Head {
  readonly partition: string;
  /** Records the checkpoint before knew of. */
  readonly before: number;
  /** Of its last record, and so how many there were. */
  readonly number: number;
  readonly hash: Buffer;
}

/** Hex. */
export function checkpointHash(checkpoint: Checkpoint): string {
  return sha256(Buffer.from(canonical(checkpoint))).toString('hex');
}

export function byName(one: { partition: string }, other: { partition: string }): number {
  return Buffer.compare(Buffer.from(one.partition), Buffer.from(other.partition));
}

/** Hex. A leaf is made like a record's hash: name, number, and instead of a body nothing. */
export function rootOf(heads: readonly Head[]): string {
  const leaves = heads.toSorted(byName).map(({ partition, number, hash }) => linkHash(partition)(number, hash, ''));
  return merkleRoot(leaves).toString('hex');
}

export function signCheckpoint(checkpoint: Checkpoint, key: KeyObject): SignedCheckpoint {
  const signature = signBytes('checkpoint', Buffer.from(canonical(checkpoint)), key).toString('base64url');
  return { checkpoint, key: rawPublicKey(key).toString('base64url'), signature };
}

/** By the key that it names itself; whose key that is, is for the caller to know. */
export function isSigned({ checkpoint, key, signature }: SignedCheckpoint): boolean {
  const signed = Buffer.from(canonical(checkpoint));
  return isSignedBy('checkpoint', signed, Buffer.from(signature, 'base64url'), keyOf(key));
}

function keyOf(text: string): KeyObject {
  return publicKeyFromRaw(Buffer.from(text, 'base64url'));
}
