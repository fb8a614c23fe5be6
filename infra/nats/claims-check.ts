// Pure: what must hold of an account JWT before it is handed to a server. The server itself accepts much that leaves an
// account without users after its next start.

import type { Layout } from '#subjects/accounts.ts';
import { layoutFaults } from '#subjects/layout-rules.ts';
import type { Account } from '#subjects/principals.ts';
import { accountClaims, type PublicKeys, type Revocations } from './account-claims.ts';
import type { SignedClaims } from './jwt.ts';

export interface Expected {
  readonly account: Account;
  readonly layout: Layout;
  readonly keys: PublicKeys;
  /** The operator's signing key. */
  readonly issuer: string;
  readonly revocations: Revocations;
}

/** A sentence for each fault of claims as decoded from a signed JWT; null stands for one that could not be decoded. */
export function claimsFaults(claims: SignedClaims | null, expected: Expected): string[] {
  const { account, layout, keys, issuer, revocations } = expected;
  if (claims === null) return ['it is not a JWT with a valid signature'];
  const faults = layoutFaults(layout);
  if (claims.iss !== issuer) faults.push("it is not signed by the operator's signing key");
  if (claims.sub !== keys.accounts[account]) faults.push(`it is not about account ${account}`);
  if (claims.exp !== undefined) faults.push('it expires');
  const limits = claims.nats['limits'] as Readonly<Record<string, unknown>> | undefined;
  const hasJetStream = typeof limits?.['disk_storage'] === 'number';
  if (hasJetStream !== (account === 'STORE')) faults.push('JetStream limits are in STORE and nowhere else');
  const derived = accountClaims(account, layout, keys, revocations);
  if (JSON.stringify(derived) !== JSON.stringify(claims.nats)) faults.push('it differs from what the contract yields');
  return faults;
}

/** The entries that still matter: a credential older than the longest life is refused anyway. */
export function pruned(revocations: Revocations, nowSeconds: number, longestLifeSeconds: number): Revocations {
  return Object.fromEntries(Object.entries(revocations).filter(([, at]) => at > nowSeconds - longestLifeSeconds));
}
