// The node's own secrets: its NKey and its age identity. Made here, written once, never sent, never deleted by us.
import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { newUserKey, userKey } from '#infra/nats/credentials.ts';
import { writeDurably } from './state/durable-file.ts';

const IdentityFile = z.object({
  nkeySeed: z.string().check(z.startsWith('SU')),
  ageIdentity: z.string().check(z.startsWith('AGE-SECRET-KEY-')),
});

export interface Identity {
  readonly nkeySeed: string;
  readonly publicKey: string;
  readonly ageIdentity: string;
}

/** @throws when there is a file that holds no identity: it is left for somebody to look at */
export async function readIdentity(file: string): Promise<Identity | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { nkeySeed, ageIdentity } = IdentityFile.parse(JSON.parse(text));
    return { nkeySeed, publicKey: userKey(nkeySeed).publicKey, ageIdentity };
  } catch (error) {
    throw new Error(`${file} holds no identity that can be read; restore it or enroll with another data folder`, {
      cause: error,
    });
  }
}

/** The identity of this folder; made and flushed to disk before anybody hears of it, so that a repeated call finds it. */
export async function ensureIdentity(file: string): Promise<Identity> {
  const known = await readIdentity(file);
  if (known) return known;
  const { seed: nkeySeed, publicKey } = newUserKey();
  const { generateX25519Identity } = await import('age-encryption');
  const ageIdentity = await generateX25519Identity();
  await writeDurably(file, `${JSON.stringify({ nkeySeed, ageIdentity })}\n`);
  return { nkeySeed, publicKey, ageIdentity };
}

export async function ageRecipient({ ageIdentity }: Identity): Promise<string> {
  const { identityToRecipient } = await import('age-encryption');
  return identityToRecipient(ageIdentity);
}
