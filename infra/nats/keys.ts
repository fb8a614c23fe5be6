// NKeys: Ed25519 keys in the text form of NATS. Made and checked by its own package, used through node:crypto, which
// signs more than a hundred times faster.
import { type KeyObject, sign, verify } from 'node:crypto';
import { createAccount, createOperator, createUser, fromPublic, fromSeed } from '@nats-io/nkeys';
import { privateKeyFromRaw, publicKeyFromRaw } from '#infra/signing/ed25519.ts';
import { fromBase32 } from './base32.ts';

const CREATE = { operator: createOperator, account: createAccount, user: createUser } as const;
export type KeyKind = keyof typeof CREATE;

export interface Key {
  /** O..., A... or U... */
  readonly publicKey: string;
  /** SO..., SA... or SU...: a secret. */
  readonly seed: string;
  /** For the signatures of infra/signing. */
  readonly privateKey: KeyObject;
  /** The plain signature that NATS wants, over bytes without a domain. */
  sign(bytes: Uint8Array): Buffer;
}

const SEED_PREFIX_BYTES = 2;
const PUBLIC_PREFIX_BYTES = 1;
const RAW_BYTES = 32;

function keyOf(seed: string): Key {
  const pair = fromSeed(Buffer.from(seed));
  const raw = fromBase32(seed).subarray(SEED_PREFIX_BYTES, SEED_PREFIX_BYTES + RAW_BYTES);
  const privateKey = privateKeyFromRaw(raw);
  return { publicKey: pair.getPublicKey(), seed, privateKey, sign: (bytes) => sign(null, bytes, privateKey) };
}

export function newKey(kind: KeyKind): Key {
  return keyOf(Buffer.from(CREATE[kind]().getSeed()).toString());
}

/** @throws when the text is no seed */
export function keyFromSeed(seed: string): Key {
  return keyOf(seed.trim());
}

/** @throws when the text is no public NKey */
export function verifyingKey(publicKey: string): KeyObject {
  fromPublic(publicKey).getPublicKey();
  return publicKeyFromRaw(fromBase32(publicKey).subarray(PUBLIC_PREFIX_BYTES, PUBLIC_PREFIX_BYTES + RAW_BYTES));
}

export function isSignedWith(publicKey: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    return signature.length === 64 && verify(null, bytes, verifyingKey(publicKey), signature);
  } catch {
    return false;
  }
}
