// Files with an age identity, as `age-keygen` writes them.
import { readFileSync } from 'node:fs';
import { writeOnce } from '#infra/write-once.ts';
import { type KeyPair, keyPairFrom, newKeyPair } from './age.ts';

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** @throws Error with the file's name when it is there and holds no identity; that of the system when it can't be read */
export async function readIdentity(file: string): Promise<KeyPair> {
  const text = readFileSync(file, 'utf8');
  try {
    return await keyPairFrom(text);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

export function identityText({ identity, recipient }: KeyPair): string {
  return `# public key: ${recipient}\n${identity}\n`;
}

/** The identity in this file, made when there is none. Its folder is there. */
export async function keptIdentity(file: string): Promise<KeyPair> {
  try {
    return await readIdentity(file);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  writeOnce(file, identityText(await newKeyPair()));
  return readIdentity(file);
}
