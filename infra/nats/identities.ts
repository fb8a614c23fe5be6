// First start and every start after it: operator, accounts, scoped signing keys and the services' credentials exist and
// say what the contract of this version yields. Keys are made once; JWTs are made anew when the layout has changed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '#subjects/accounts.ts';
import { OverseerError } from '#subjects/errors.ts';
import { ACCOUNTS, type Account, accountOf, PRINCIPALS, type Principal, SERVICES } from '#subjects/principals.ts';
import { accountClaims, operatorClaims, type PublicKeys, type Revocations } from './account-claims.ts';
import { claimsFaults } from './claims-check.ts';
import { mintUser } from './credentials.ts';
import { decodeJwt, encodeJwt } from './jwt.ts';
import { type Key, type KeyKind, keyFromSeed, newKey } from './keys.ts';
import { type AccountFile, readAccounts, readSeed, type Vault, writeAccounts, writeSecret } from './vault.ts';

/** Principals whose credential lies in a file. The provisioner's is made at use and lives for minutes. */
const FILED: readonly Principal[] = [...SERVICES, 'claims'];

function keptKey(file: string, kind: KeyKind): Key {
  if (existsSync(file)) return keyFromSeed(readSeed(file));
  const key = newKey(kind);
  writeSecret(file, `${key.seed}\n`);
  return key;
}

function record<K extends string, V>(names: readonly K[], value: (name: K) => V): Record<K, V> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, V>;
}

export function revocationsIn(jwt: string | undefined): Revocations {
  return ((jwt && decodeJwt(jwt)?.nats['revocations']) || {}) as Revocations;
}

/** What the server last heard counts too: a revocation must not be forgotten because a write came too late. */
function knownRevocations(files: Vault, account: Account, stored: AccountFile | null): Revocations {
  const inResolver = join(files.resolver, `${stored?.accounts[account]?.id}.jwt`);
  const heard = existsSync(inResolver) ? revocationsIn(readFileSync(inResolver, 'utf8')) : {};
  return { ...heard, ...revocationsIn(stored?.accounts[account]?.jwt) };
}

/** @throws OverseerError when the contract's layout must not be given to a server */
export function accountJwt(account: Account, keys: PublicKeys, signer: Key, revocations: Revocations): string {
  const iat = Math.floor(Date.now() / 1000);
  const derived = layout();
  const nats = accountClaims(account, derived, keys, revocations);
  const jwt = encodeJwt({ sub: keys.accounts[account], name: account, iat, nats }, signer);
  const expected = { account, layout: derived, keys, issuer: signer.publicKey, revocations };
  const faults = claimsFaults(decodeJwt(jwt), expected);
  if (faults.length > 0) throw new OverseerError('internal', `account ${account}: ${faults.join('; ')}`);
  return jwt;
}

export interface Prepared {
  readonly accounts: AccountFile;
  /** Accounts whose JWT was made anew. */
  readonly changed: readonly Account[];
}

export function prepareIdentities(files: Vault): Prepared {
  const stored = readAccounts(files);
  const operator = keptKey(files.operatorSeed, 'operator');
  const signer = keptKey(files.operatorSigningSeed, 'operator');
  const identities = record(ACCOUNTS, (account) => keptKey(files.accountSeed(account), 'account').publicKey);
  const scoped = record(PRINCIPALS, (principal) => keptKey(files.scopedSeed(principal), 'account'));
  const keys: PublicKeys = { accounts: identities, scoped: record(PRINCIPALS, (name) => scoped[name].publicKey) };

  const current = layout();
  const changed: Account[] = [];
  const accounts = record(ACCOUNTS, (account) => {
    const kept = stored?.accounts[account];
    const revocations = knownRevocations(files, account, stored);
    const expected = { account, layout: current, keys, issuer: signer.publicKey, revocations };
    if (kept && claimsFaults(decodeJwt(kept.jwt), expected).length === 0) return kept;
    changed.push(account);
    return { id: identities[account], jwt: accountJwt(account, keys, signer, revocations) };
  });

  const nats = operatorClaims([signer.publicKey], identities.SYS);
  const iat = Math.floor(Date.now() / 1000);
  const operatorJwt = encodeJwt({ sub: operator.publicKey, name: 'overseer', iat, nats }, operator);
  const kept = stored?.operator;
  const isCurrent = kept !== undefined && JSON.stringify(decodeJwt(kept.jwt)?.nats) === JSON.stringify(nats);
  const file: AccountFile = { operator: isCurrent ? kept : { id: operator.publicKey, jwt: operatorJwt }, accounts };
  if (changed.length > 0 || !isCurrent) writeAccounts(files, file);

  for (const principal of FILED) {
    if (existsSync(files.credential(principal))) continue;
    const accountId = identities[accountOf(principal)];
    const user = newKey('user');
    const minting = { principal, accountId, scopedSeed: scoped[principal].seed, name: principal };
    const jwt = mintUser({ ...minting, publicKey: user.publicKey });
    writeSecret(files.credential(principal), `${JSON.stringify({ jwt, seed: user.seed })}\n`);
  }
  return { accounts: file, changed };
}
