// Pure: how long a credential lives and when to ask for the next one.

export interface Life {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
}

/** A third of the life is left for a core that is away; the spread keeps a fleet that enrolled at once apart. */
const SHARE = 2 / 3;
const SPREAD = 0.1;
/** When the beginning can't be read from the credential. */
const USUAL_LIFE_MS = 24 * 3600_000;

export function lifeOf(jwt: string, expiresAt: string): Life {
  const until = Date.parse(expiresAt);
  let from = until - USUAL_LIFE_MS;
  try {
    const claims: unknown = JSON.parse(atob((jwt.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims === 'object' && claims !== null && 'iat' in claims && typeof claims.iat === 'number') {
      from = claims.iat * 1000;
    }
  } catch {
    // Not ours to judge: the server does.
  }
  return { from, until };
}

/** @param random from 0 to 1 */
export function renewAt({ from, until }: Life, random: number): number {
  return from + (until - from) * (SHARE + SPREAD * (random - 0.5));
}

export function hasExpired({ until }: Life, now: number): boolean {
  return now >= until;
}
