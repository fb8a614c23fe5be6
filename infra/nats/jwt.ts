// The JWTs of NATS: three dotted parts, signed with an NKey. Ours alone are made here; those read are checked.
import { createHash } from 'node:crypto';
import { toBase32 } from './base32.ts';
import { isSignedWith, type Key } from './keys.ts';

const HEADER = Buffer.from(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' })).toString('base64url');

export interface Claims {
  readonly sub: string;
  readonly name: string;
  /** Seconds since 1970, as all times in a JWT. */
  readonly iat: number;
  readonly exp?: number;
  readonly nats: Readonly<Record<string, unknown>> & { readonly type: string; readonly version: 2 };
}

export type SignedClaims = Claims & { readonly iss: string; readonly jti: string };

export function encodeJwt(claims: Claims, issuer: Key): string {
  const unnamed = { iss: issuer.publicKey, ...claims };
  const jti = toBase32(createHash('sha256').update(JSON.stringify(unnamed)).digest());
  const body = Buffer.from(JSON.stringify({ ...unnamed, jti })).toString('base64url');
  const signature = issuer.sign(Buffer.from(`${HEADER}.${body}`));
  return `${HEADER}.${body}.${signature.toString('base64url')}`;
}

/** The claims of a JWT whose signature belongs to its own issuer; who that is, the caller checks. Null for all else. */
export function decodeJwt(jwt: string): SignedClaims | null {
  const [header, body, signature, ...rest] = jwt.split('.');
  if (header !== HEADER || body === undefined || signature === undefined || rest.length > 0) return null;
  try {
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as SignedClaims;
    const signed = Buffer.from(`${header}.${body}`);
    return isSignedWith(claims.iss, signed, Buffer.from(signature, 'base64url')) ? claims : null;
  } catch {
    return null;
  }
}
