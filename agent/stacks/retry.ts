// Pure: when a stack that did not come up is tried again, and when it counts as failed.
import type { Attempts, Instant } from './model.ts';

/** Three tries ride out a slow registry or a dependency that starts late; a wrong file shows after seconds, not minutes. */
export const MAX_TRIES = 3;
/** A failed stack is tried again this often: a port that gets free or a registry that returns heals it. */
const LONGEST_WAIT_MS = 60_000;
/** Steady this long, a stack starts again without a wait: what died later is another fault. */
export const FORGIVEN_AFTER_MS = 60_000;

export function waitAfter(attempts: Attempts): number {
  if (attempts.permanent) return LONGEST_WAIT_MS;
  return Math.min(1000 * 2 ** Math.max(0, attempts.count - 1), LONGEST_WAIT_MS);
}

export function hasUsedUpTries(attempts: Attempts | null, hash: string): boolean {
  if (attempts === null || attempts.hash !== hash) return false;
  return attempts.permanent || attempts.count >= MAX_TRIES;
}

/** Null: at once. So it is after a try in the future: the clock was set back since. */
export function notBefore(attempts: Attempts | null, hash: string, now: Instant): Instant | null {
  if (attempts === null || attempts.hash !== hash || attempts.count === 0 || attempts.lastAt > now) return null;
  return attempts.lastAt + waitAfter(attempts);
}

export function counted(
  attempts: Attempts | null,
  hash: string,
  now: Instant,
  result: { failure: string | null; permanent: boolean },
): Attempts {
  const before = attempts !== null && attempts.hash === hash ? attempts.count : 0;
  return { hash, count: before + 1, lastAt: now, ...result };
}

/** Tries are counted by it. Deployed anew, the same version is tried anew. */
export function triesKey(target: { readonly hash: string; readonly deployment: string | null }): string {
  return target.deployment === null ? target.hash : `${target.hash} ${target.deployment}`;
}

/** Stands in for the specification's hash where tries of a removal are counted. */
export function removalHash(entry: { readonly generation: number }): string {
  return `removed ${entry.generation}`;
}
