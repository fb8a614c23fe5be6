// Who logs in as whom: user credentials read from files, made on a node, minted by the registry.
import { readFileSync } from 'node:fs';
import { OverseerError } from '#subjects/errors.ts';
import { isNamed, isService, type Principal, READER_NAME_PATTERN } from '#subjects/principals.ts';
import { ID_PATTERN } from '#subjects/schema/ids.ts';
import { encodeJwt } from './jwt.ts';
import { type Key, keyFromSeed, newKey, verifyingKey } from './keys.ts';

export { verifyingKey } from './keys.ts';

/** What a connection proves itself with. The JWT is asked for at every connect, so that a renewed one is taken. */
export interface CredentialSource {
  jwt(): string;
  sign(nonce: Uint8Array): Uint8Array;
}

export function newUserKey(): { readonly seed: string; readonly publicKey: string } {
  const { seed, publicKey } = newKey('user');
  return { seed, publicKey };
}

/** The key of a user whose seed is at hand: its public form, its private KeyObject and the plain signature of NATS. */
export function userKey(seed: string): Key {
  return keyFromSeed(seed);
}

export function credentialOf(jwt: string, seed: string): CredentialSource {
  const key = keyFromSeed(seed);
  return { jwt: () => jwt, sign: (nonce) => key.sign(nonce) };
}

/** Reads `{"jwt","seed"}`; again at every connect, so that a file written anew is taken. */
export function loadCredential(file: string): CredentialSource {
  const read = () => JSON.parse(readFileSync(file, 'utf8')) as { jwt: string; seed: string };
  read();
  return { jwt: () => read().jwt, sign: (nonce) => keyFromSeed(read().seed).sign(nonce) };
}

/** The server puts a user's name into its rights as it is: `*` or `a.b` would widen them. */
function isUserName(principal: Principal, name: string): boolean {
  if (principal === 'node') return ID_PATTERN.test(name);
  if (isNamed(principal)) return READER_NAME_PATTERN.test(name);
  return name === principal && (isService(name) || principal === 'provisioner' || principal === 'claims');
}

export interface Minting {
  readonly principal?: Principal;
  /** Public identity key of the account. */
  readonly accountId: string;
  /** Seed of the scoped signing key, which carries the rights. */
  readonly scopedSeed: string;
  readonly name: string;
  /** The user's own public key. */
  readonly publicKey: string;
  readonly issuedAt?: Date;
  /** Without it: valid until its signing key is taken out of the account. */
  readonly expiresAt?: Date;
}

/**
 * A user JWT. It has neither rights nor limits of its own: they come from the signing key's template.
 * @throws OverseerError `invalid-name` unless the name is one that such a principal may have
 */
export function mintUser(minting: Minting): string {
  const { principal = 'node', name, publicKey, issuedAt = new Date(), expiresAt } = minting;
  if (!isUserName(principal, name)) throw new OverseerError('invalid-name', `no ${principal} may be called so`);
  verifyingKey(publicKey);
  const seconds = (date: Date) => Math.floor(date.getTime() / 1000);
  return encodeJwt(
    {
      sub: publicKey,
      name,
      iat: seconds(issuedAt),
      ...(expiresAt === undefined ? {} : { exp: seconds(expiresAt) }),
      nats: { type: 'user', version: 2, issuer_account: minting.accountId },
    },
    keyFromSeed(minting.scopedSeed),
  );
}
