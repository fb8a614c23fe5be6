// The secret of each stack's webhook: made from one key of the core and the stack's name, so that none is stored, and what
// one forge knows tells nothing of another stack.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeOnce } from '#infra/write-once.ts';

export interface Webhooks {
  secretOf(stack: string): string;
  /** In constant time. */
  isGenuine(stack: string, given: GivenProof): boolean;
}

export interface GivenProof {
  /** `sha256=<hex>` over the body's bytes. */
  readonly signature: string | null;
  /** GitLab's: the secret itself. */
  readonly token: string | null;
  readonly body: Buffer;
}

function keyIn(file: string): Buffer | null {
  try {
    return Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Of any two texts, without telling by its time where they differ or how long they are. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** @param data the core's data folder */
export function webhooks(data: string): Webhooks {
  const folder = join(data, 'keys');
  const file = join(folder, 'webhook.key');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (keyIn(file) === null) writeOnce(file, `${randomBytes(32).toString('base64url')}\n`);
  const key = keyIn(file);
  if (key === null || key.length < 32)
    throw new Error(`${file} is damaged; restore it, or delete it to have a new one`);
  const secretOf = (stack: string) => createHmac('sha256', key).update(`webhook ${stack}`).digest('base64url');
  return {
    secretOf,
    isGenuine(stack, { signature, token, body }) {
      const secret = secretOf(stack);
      if (signature !== null) {
        const wanted = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
        return isEqual(signature.toLowerCase(), wanted);
      }
      return token !== null && isEqual(token, secret);
    },
  };
}
