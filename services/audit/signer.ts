// The key of the audit, made once and held by this service alone: it signs checkpoints, and from it comes the key of the
// seals. It belongs into a backup beside the database, and not into the hands of whoever administers that.
import { createPrivateKey, hkdfSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Seal, sealer } from '#infra/audit/chain.ts';
import { newSigningKey, rawPublicKey } from '#infra/signing/ed25519.ts';
import { writeOnce } from '#infra/write-once.ts';

export interface AuditSigner {
  readonly key: KeyObject;
  /** Raw, base64url. */
  readonly publicKey: string;
  readonly seal: Seal;
}

export function signerOf(key: KeyObject): AuditSigner {
  const secret = key.export({ format: 'der', type: 'pkcs8' });
  const seal = sealer(Buffer.from(hkdfSync('sha256', secret, '', 'overseer audit seal v1', 32)));
  return { key, publicKey: rawPublicKey(key).toString('base64url'), seal };
}

/** @param data the core's data folder */
export function auditSigner(data: string): AuditSigner {
  const folder = join(data, 'keys');
  const file = join(folder, 'audit-signer.pem');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) writeOnce(file, newSigningKey().export({ format: 'pem', type: 'pkcs8' }) as string);
  return signerOf(createPrivateKey(readFileSync(file)));
}
