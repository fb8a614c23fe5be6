// Pure. When a message that was not taken is tried again, and when it is given up.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** After the first failure, the second, ...; then the last one again and again. */
const WAITS_MS = [5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR] as const;
/** A target that is away for a day has other troubles; what was for it is kept, and can be tried again by hand. */
const GIVEN_UP_MS = 24 * HOUR;
/** An address that is said not to be there seldom comes back by itself. */
const GONE_STATUS: readonly (number | null)[] = [404, 410];
const GONE_GIVEN_UP_MS = HOUR;
/** What a target may ask for by `Retry-After`. */
const ASKED_MAX_MS = HOUR;

export interface Tried {
  /** Failures so far, this one too. */
  readonly attempts: number;
  /** When it was tried for the first time, or for the first time since it was taken up again by hand. */
  readonly firstAt: number;
  readonly now: number;
  /** In [0, 1): spreads what became due together. */
  readonly spread: number;
  /** Seconds; null: the target asked for nothing. */
  readonly retryAfter: number | null;
  /** Of the answer; null: there was none. */
  readonly status: number | null;
}

/** Null: given up. */
export function nextTry({ attempts, firstAt, now, spread, retryAfter, status }: Tried): number | null {
  const wait = WAITS_MS[Math.min(Math.max(attempts, 1), WAITS_MS.length) - 1] as number;
  const asked = retryAfter === null ? 0 : Math.min(retryAfter * SECOND, ASKED_MAX_MS);
  const at = now + Math.max(asked, Math.round(wait * (1 + spread / 5)));
  return at - firstAt > (GONE_STATUS.includes(status) ? GONE_GIVEN_UP_MS : GIVEN_UP_MS) ? null : at;
}

/** Whether another message would fare no better. */
export function isTargetAway(status: number | null): boolean {
  return status === null || status === 429 || status >= 500;
}
