// The key that signs documents and commands. Made once; all-in-one preparation may have made it before.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newSigningKey, rawPublicKey } from '#infra/signing/ed25519.ts';
import { writeOnce } from '#infra/write-once.ts';

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** @param data the core's data folder */
export function documentSigner(data: string): KeyObject {
  const folder = join(data, 'keys');
  const file = join(folder, 'document-signer.pem');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const read = () => createPrivateKey(readFileSync(file));
  let key: KeyObject;
  try {
    key = read();
  } catch (error) {
    if (!isMissing(error)) throw error;
    writeOnce(file, newSigningKey().export({ format: 'pem', type: 'pkcs8' }) as string);
    key = read();
  }
  writeOnce(join(folder, 'document-signer.pub'), rawPublicKey(key).toString('base64url'));
  return key;
}
