// Opens one sealed secret with the node's own identity. age has no associated data and no sender: what was inside counts
// only when every field agrees with the signed document.
import { createHash } from 'node:crypto';
import type { DesiredSecret } from '#subjects/schema/secret.ts';
import { SecretEnvelope } from '#subjects/schema/secret.ts';

/** The document must change before trying again can help. */
export class SecretRefused extends Error {}

export interface Opener {
  readonly node: string;
  /** Only here; in no error and no log. */
  readonly identity: string;
}

/** @throws SecretRefused, whose message names the secret and holds no part of it */
export async function openSecret(secret: DesiredSecret, stack: string, { node, identity }: Opener): Promise<Buffer> {
  const { name, sealed, digest } = secret;
  if (sealed === null || digest === null) throw new SecretRefused(`secret ${name} is not sealed for this node yet`);
  const file = Buffer.from(sealed, 'base64');
  if (createHash('sha256').update(file).digest('hex') !== digest) {
    throw new SecretRefused(`secret ${name} is not the one that the document tells of`);
  }
  const plain = await decrypted(file, identity, name);
  const parsed = parse(plain);
  plain.fill(0);
  if (parsed === null) throw new SecretRefused(`secret ${name} holds no envelope that can be read`);
  const expected = { secret: secret.secret, version: secret.version, node, stack };
  for (const [field, value] of Object.entries(expected)) {
    if (parsed[field as keyof typeof expected] !== value) {
      throw new SecretRefused(`secret ${name} was sealed for another ${field}`);
    }
  }
  return Buffer.from(parsed.value, 'base64');
}

async function decrypted(file: Uint8Array, identity: string, name: string): Promise<Uint8Array> {
  const { Decrypter } = await import('age-encryption');
  try {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    return await decrypter.decrypt(file);
  } catch {
    throw new SecretRefused(`secret ${name} can't be opened with this node's identity`);
  }
}

function parse(plain: Uint8Array): SecretEnvelope | null {
  try {
    return SecretEnvelope.parse(JSON.parse(Buffer.from(plain.buffer, plain.byteOffset, plain.length).toString('utf8')));
  } catch {
    return null;
  }
}
