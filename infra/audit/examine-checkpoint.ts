// Whether a checkpoint is genuine and follows the one before.
import type { AuditFault } from '#subjects/schema/audit-verification.ts';
import type { SignedCheckpoint } from '#subjects/schema/checkpoint.ts';
import { checkpointHash, type Head, isSigned, rootOf } from './checkpoint.ts';

export interface Kept {
  readonly number: number;
  /** As it is written beside it; null: nobody wrote it. */
  readonly hash: string | null;
  readonly signed: SignedCheckpoint | null;
  readonly heads: readonly Head[];
}

const ZEROS = '0'.repeat(64);

/**
 * @param before the one before, null before the first
 * @param key that they must be signed by, base64url
 */
export function checkpointFault(before: SignedCheckpoint | null, kept: Kept, key: string): AuditFault | null {
  const expected = (before?.checkpoint.number ?? 0) + 1;
  const fault = (kind: AuditFault['kind'], detail: string): AuditFault => {
    return { partition: 'checkpoints', number: expected, kind, detail };
  };
  if (kept.number !== expected) return fault('checkpoint-missing', `there is none before ${kept.number}`);
  const { signed } = kept;
  if (signed === null) return fault('checkpoint-changed', 'its text is no checkpoint');
  if (signed.key !== key) return fault('checkpoint-forged', 'it names another key than that of the audit service');
  if (!isSigned(signed)) return fault('checkpoint-forged', 'the audit service did not sign it');
  const { checkpoint } = signed;
  const hash = checkpointHash(checkpoint);
  if (checkpoint.number !== expected || (kept.hash !== null && kept.hash !== hash)) {
    return fault('checkpoint-changed', 'its number or hash is not that of its text');
  }
  const previous = before === null ? ZEROS : checkpointHash(before.checkpoint);
  if (checkpoint.previous !== previous) return fault('checkpoint-changed', 'it does not follow the one before');
  const grown = kept.heads.reduce((sum, head) => sum + head.number - head.before, 0);
  const isWhole =
    checkpoint.root === rootOf(kept.heads) &&
    checkpoint.partitions === kept.heads.length &&
    checkpoint.records === (before?.checkpoint.records ?? 0) + grown;
  return isWhole ? null : fault('checkpoint-changed', 'the heads that are kept with it are not those it was made of');
}
