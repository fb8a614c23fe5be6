// Pure. May this token add this key as a node? Decided from the stored token, never from what the token says of itself.

export interface StoredToken {
  readonly id: string;
  readonly uses: number;
  readonly used: number;
  readonly expiresAt: Date;
  readonly revokedAt?: Date | null | undefined;
}

/** The living node that has the key. */
export interface KeyOwner {
  readonly id: string;
  readonly enrollmentToken: string;
}

export type Enrollment =
  | { readonly kind: 'new' }
  /** Redeemed before by the same key: the answer may have been lost. */
  | { readonly kind: 'again'; readonly node: string }
  | {
      readonly kind: 'refused';
      readonly code: 'token-unknown' | 'token-revoked' | 'token-expired' | 'token-used' | 'key-taken';
    };

export function decideEnrollment(token: StoredToken | null, owner: KeyOwner | null, now: Date): Enrollment {
  if (token === null) return { kind: 'refused', code: 'token-unknown' };
  if (owner !== null && owner.enrollmentToken === token.id) return { kind: 'again', node: owner.id };
  if (token.revokedAt) return { kind: 'refused', code: 'token-revoked' };
  if (now >= token.expiresAt) return { kind: 'refused', code: 'token-expired' };
  if (token.used >= token.uses) return { kind: 'refused', code: 'token-used' };
  if (owner !== null) return { kind: 'refused', code: 'key-taken' };
  return { kind: 'new' };
}

/** Clocks that differ by more than this are an error to be told. */
const SKEW_LIMIT_MS = 5 * 60_000;

/** Milliseconds by which the other clock is ahead, or null when that is within the limit. */
export function excessiveSkew(theirs: Date, ours: Date): number | null {
  const offset = theirs.getTime() - ours.getTime();
  return Math.abs(offset) > SKEW_LIMIT_MS ? offset : null;
}
