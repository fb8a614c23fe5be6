// Opens one sealed secret with the node's own identity. age has no associated data and no sender: what was inside counts
// only when every field agrees with the signed document.
import { createHash } from 'node:crypto';
import { open } from '#infra/sealing/age.ts';
import { checkEnvelope } from '#infra/sealing/envelope.ts';
import type { DesiredSecret } from '#subjects/schema/secret.ts';

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
  const plain = await open(file, identity).catch(() => {
    throw new SecretRefused(`secret ${name} can't be opened with this node's identity`);
  });
  const checked = checkEnvelope(plain, { secret: secret.secret, version: secret.version, node, stack });
  plain.fill(0);
  if (checked.ok) return checked.value;
  throw new SecretRefused(`secret ${name} is refused: ${checked.reason}`);
}
