// Ed25519 over bytes with a domain prefix, so that a signature made for one use never serves another.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';

/** What a signature is for. Each stands before the bytes that are signed. */
export const DOMAINS = {
  document: 'overseer.document.v1\n',
  command: 'overseer.command.v1\n',
  enrollment: 'overseer.enrollment.v1\n',
  reauthentication: 'overseer.reauthentication.v1\n',
  token: 'overseer.token.v1\n',
  checkpoint: 'overseer.checkpoint.v1\n',
  audit: 'overseer.audit.v1\n',
} as const;
export type Domain = keyof typeof DOMAINS;

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

function framed(domain: Domain, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(DOMAINS[domain]), bytes]);
}

/** @param raw 32 bytes of seed */
export function privateKeyFromRaw(raw: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, raw]), format: 'der', type: 'pkcs8' });
}

/** @param raw 32 bytes */
export function publicKeyFromRaw(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

export function rawPublicKey(key: KeyObject): Buffer {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' });
  return spki.subarray(SPKI_PREFIX.length);
}

export function newSigningKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

/** @returns 64 bytes */
export function signBytes(domain: Domain, bytes: Uint8Array, key: KeyObject): Buffer {
  return sign(null, framed(domain, bytes), key);
}

export function isSignedBy(domain: Domain, bytes: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  return signature.length === 64 && verify(null, framed(domain, bytes), key, signature);
}
