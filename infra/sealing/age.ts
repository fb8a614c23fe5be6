// Sealing by age: X25519 recipients, so that the `age` program opens what stands here in an emergency. The library is
// loaded when it is first needed: most processes never seal anything.
import { AgeRecipient } from '#subjects/schema/secret.ts';

export interface KeyPair {
  readonly identity: string;
  readonly recipient: string;
}

const IDENTITY = /^AGE-SECRET-KEY-1[A-Z0-9]{58}$/;

const library = () => import('age-encryption');

export async function newKeyPair(): Promise<KeyPair> {
  const { generateX25519Identity, identityToRecipient } = await library();
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/**
 * The identity in a file as `age-keygen` writes it: comments and one line of secret.
 * @throws Error that does not repeat the text
 */
export async function keyPairFrom(text: string): Promise<KeyPair> {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [identity] = lines;
  if (identity === undefined || lines.length > 1 || !IDENTITY.test(identity)) {
    throw new Error('it holds no single age identity (AGE-SECRET-KEY-1...)');
  }
  const { identityToRecipient } = await library();
  try {
    return { identity, recipient: await identityToRecipient(identity) };
  } catch {
    throw new Error('the age identity in it is damaged');
  }
}

/** Form and checksum. */
export async function isRecipient(text: string): Promise<boolean> {
  if (!AgeRecipient.safeParse(text).success) return false;
  const { Encrypter } = await library();
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
}

/** Any one of the recipients opens it. @throws Error when there is none, or one that is no recipient */
export async function seal(plain: Uint8Array, recipients: readonly string[]): Promise<Buffer> {
  // Without a recipient nobody could ever open it.
  if (recipients.length === 0) throw new Error('there is nobody to seal for');
  const { Encrypter } = await library();
  const encrypter = new Encrypter();
  for (const recipient of new Set(recipients)) encrypter.addRecipient(recipient);
  return Buffer.from(await encrypter.encrypt(plain));
}

/** @throws Error when the identity opens it not, or when a bit of it was changed */
export async function open(sealed: Uint8Array, identity: string): Promise<Buffer> {
  const { Decrypter } = await library();
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const opened = await decrypter.decrypt(sealed);
  return Buffer.from(opened.buffer, opened.byteOffset, opened.byteLength);
}
