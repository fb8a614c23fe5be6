// The admin token and the key of the console's sessions: made on first start, kept in the data folder.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Access {
  /** Key of the cookies' encryption. */
  readonly sessionKey: Buffer;
  isAdminToken(presented: string): boolean;
  /** Changes with the admin token, so that a session ends when the token that opened it is replaced. */
  readonly tokenMark: string;
}

const SESSION_KEY_BYTES = 32;

/** Whole or not at all: a crash must leave no half a token behind. */
function writeSecret(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, file);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

export function accessOf(token: string, sessionKey: Buffer): Access {
  const expected = digest(token);
  return {
    sessionKey,
    isAdminToken: (presented) => timingSafeEqual(digest(presented), expected),
    tokenMark: createHash('sha256').update('session').update(expected).digest('base64url'),
  };
}

/** @throws Error when a file of an earlier start can't be used */
export function prepareAccess(data: string): Access {
  const tokenFile = join(data, 'admin-token');
  const keyFile = join(data, 'keys', 'session.key');
  if (!existsSync(tokenFile)) writeSecret(tokenFile, `ovs_adm_${randomBytes(32).toString('base64url')}\n`);
  if (!existsSync(keyFile)) writeSecret(keyFile, randomBytes(SESSION_KEY_BYTES));
  const token = readFileSync(tokenFile, 'utf8').trim();
  const sessionKey = readFileSync(keyFile);
  if (token.length < 16)
    throw new Error(`${tokenFile} holds no token of at least 16 characters; remove it for a new one`);
  if (sessionKey.length !== SESSION_KEY_BYTES) throw new Error(`${keyFile} must have ${SESSION_KEY_BYTES} bytes`);
  return accessOf(token, sessionKey);
}
