// What the registry signs with: enrollment tokens with a key of its own, credentials with the fleet's scoped key. And
// what it proves against: the signatures of nodes.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mintUser, verifyingKey } from '#infra/nats/credentials.ts';
import { readAccounts, readSeed, vault, writeSecret } from '#infra/nats/vault.ts';
import { type Domain, isSignedBy, newSigningKey, signBytes } from '#infra/signing/ed25519.ts';
import { OverseerError } from '#subjects/errors.ts';
import { accountOf } from '#subjects/principals.ts';
import { readerOnTheBus, readerUser } from '#subjects/readers.ts';
import type { Credential } from '#subjects/schema/node.ts';
import type { ReaderRole } from '#subjects/schema/reader.ts';
import { parseToken, signedText, type TokenContent, tokenText } from './token.ts';

/** Of a credential. Agents renew at two thirds of it. */
const CREDENTIAL_MS = 24 * 3600_000;
const SECRET_BYTES = 24;

export interface Authority {
  issueToken(content: Omit<TokenContent, 'v' | 'ca' | 'secret'>): string;
  /** False for forged ones and those of another core. */
  isOurToken(token: string): boolean;
  issueCredential(node: string, publicKey: string, now: Date): Credential;
  /** The JWT of a reader's user. @throws OverseerError `invalid-input` when the key is none */
  issueReader(
    reader: { readonly name: string; readonly role: ReaderRole; readonly publicKey: string },
    life: Life,
  ): string;
  /** Raw public key (base64url) of documents and commands. @throws OverseerError `unavailable` before it was made */
  documentSigner(): string;
}

interface Life {
  readonly from: Date;
  readonly to: Date;
}

function isUserKey(text: string): boolean {
  try {
    verifyingKey(text);
    return true;
  } catch {
    return false;
  }
}

export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** @param proof base64url */
export function isProof(domain: Domain, text: string, proof: string, publicKey: string): boolean {
  try {
    return isSignedBy(domain, Buffer.from(text), Buffer.from(proof, 'base64url'), verifyingKey(publicKey));
  } catch {
    // The key has the right alphabet but is no key.
    return false;
  }
}

function tokenKey(data: string): KeyObject {
  const file = join(data, 'keys', 'token-signer.pem');
  if (!existsSync(file)) writeSecret(file, newSigningKey().export({ format: 'pem', type: 'pkcs8' }) as string);
  return createPrivateKey(readFileSync(file));
}

export function openAuthority(data: string): Authority {
  const files = vault(data);
  const key = tokenKey(data);
  const publicKey = createPublicKey(key);
  const fingerprint = () =>
    createHash('sha256')
      .update(new X509Certificate(readFileSync(files.ca)).raw)
      .digest('hex');

  return {
    issueToken(content) {
      const secret = randomBytes(SECRET_BYTES).toString('base64url');
      const signed = signedText({ ...content, v: 1, ca: fingerprint(), secret });
      return tokenText(signed, signBytes('token', Buffer.from(signed), key).toString('base64url'));
    },
    isOurToken(token) {
      const parsed = parseToken(token);
      if (parsed === null) return false;
      return isSignedBy('token', Buffer.from(parsed.signed), Buffer.from(parsed.signature, 'base64url'), publicKey);
    },
    issueCredential(node, nodeKey, now) {
      const accounts = readAccounts(files);
      if (accounts === null) throw new OverseerError('unavailable', 'the accounts of the bus are not prepared');
      const expiresAt = new Date(now.getTime() + CREDENTIAL_MS);
      const jwt = mintUser({
        accountId: accounts.accounts.FLEET.id,
        scopedSeed: readSeed(files.scopedSeed('node')),
        name: node,
        publicKey: nodeKey,
        issuedAt: now,
        expiresAt,
      });
      return { jwt, expiresAt: expiresAt.toISOString() };
    },
    issueReader({ name, role, publicKey: readerKey }, { from, to }) {
      if (!isUserKey(readerKey)) {
        throw new OverseerError('invalid-input', 'the public key is no user NKey', { fields: { path: 'publicKey' } });
      }
      const accounts = readAccounts(files);
      if (accounts === null) throw new OverseerError('unavailable', 'the accounts of the bus are not prepared');
      const { principal } = readerOnTheBus(role);
      return mintUser({
        ...{ principal, name: readerUser(name), publicKey: readerKey, issuedAt: from, expiresAt: to },
        accountId: accounts.accounts[accountOf(principal)].id,
        scopedSeed: readSeed(files.scopedSeed(principal)),
      });
    },
    documentSigner() {
      try {
        return readFileSync(join(data, 'keys', 'document-signer.pub'), 'utf8').trim();
      } catch (error) {
        throw new OverseerError('unavailable', 'the scheduler has not made its key yet', { cause: error });
      }
    },
  };
}
