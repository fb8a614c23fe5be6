// A credential on its way to git: in files of memory alone, each in a folder of its own that is gone afterwards. Never in
// an argument, an address or a log.
import { chmod, mkdtemp, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OverseerError } from '#subjects/errors.ts';
import type { Repository } from './repository.ts';

const TMPFS = 0x01021994;
const PLACES = ['/dev/shm', '/run'];
const PREFIX = 'overseer-git-';
/** Longer than any fetch may take. */
const LEFT_MS = 60 * 60_000;
/** A token alone needs a name beside it; forges take any. */
const TOKEN_USER = 'x-access-token';

export interface GivenCredential {
  /** Of HTTP: a file for git's credential store. Of ssh: a private key. */
  readonly file: string | null;
  /** Removes the credential from a text, in each form that git could show it in. */
  redact(text: string): string;
}

async function memoryFolder(): Promise<string> {
  for (const place of PLACES) {
    try {
      if ((await statfs(place)).type !== TMPFS) continue;
      const folder = await mkdtemp(join(place, PREFIX));
      await chmod(folder, 0o700);
      return folder;
    } catch {}
  }
  throw new OverseerError('source-unusable', `no file system in memory at ${PLACES.join(' or ')} takes the credential`);
}

interface Login {
  readonly user: string;
  readonly password: string;
}

/** `user:password`, or a token alone. */
export function loginOf(credential: Buffer): Login {
  const text = credential.toString('utf8').replace(/[\r\n]+$/, '');
  const colon = text.indexOf(':');
  return colon < 0
    ? { user: TOKEN_USER, password: text }
    : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function storeLine({ scheme, host, port }: Repository, { user, password }: Login): string {
  const name = host.includes(':') ? `[${host}]` : host;
  const isUsual = port === (scheme === 'https' ? 443 : 80);
  return `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${name}${isUsual ? '' : `:${port}`}\n`;
}

function forms(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64');
  return [secret, encodeURIComponent(secret), base64, base64.replace(/=+$/, '')].filter((form) => form.length > 3);
}

/** Longest first, so that no part of a longer one is left. */
export function redaction(secrets: readonly string[]): (text: string) => string {
  const all = [...new Set(secrets.flatMap(forms))].sort((a, b) => b.length - a.length);
  return (text) => all.reduce((rest, form) => rest.replaceAll(form, '[redacted]'), text);
}

/** @throws OverseerError `source-unusable` when there is no place in memory, or the credential is no such */
export async function withCredential<T>(
  repository: Repository,
  credential: Buffer | null,
  use: (given: GivenCredential) => Promise<T>,
): Promise<T> {
  if (credential === null || repository.scheme === 'git') return use({ file: null, redact: (text) => text });
  const isKey = repository.scheme === 'ssh';
  const whole = credential.toString('utf8');
  const login = loginOf(credential);
  if (!isKey && (/[\r\n\0]/.test(login.user + login.password) || login.password === '')) {
    throw new OverseerError('source-unusable', 'the credential must be `user:password` or a token, on one line');
  }
  if (isKey && !whole.includes('PRIVATE KEY')) {
    throw new OverseerError('source-unusable', 'the credential for ssh must be a private key');
  }
  const keyLines = isKey ? whole.split('\n').filter((line) => line.length > 16 && !line.startsWith('-----')) : [];
  const redact = redaction([whole, ...(isKey ? keyLines : [`${login.user}:${login.password}`, login.password])]);
  const folder = await memoryFolder();
  try {
    const file = join(folder, 'credential');
    // OpenSSH refuses a key without its last newline.
    const text = isKey ? `${whole.trimEnd()}\n` : storeLine(repository, login);
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    return await use({ file, redact });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Left by a process that was killed: older than any fetch may take. */
export async function clearLeftCredentials(now: Date): Promise<void> {
  for (const place of PLACES) {
    const names = await readdir(place).catch(() => []);
    for (const name of names.filter((each) => each.startsWith(PREFIX))) {
      const folder = join(place, name);
      const made = await stat(folder).catch(() => null);
      if (made === null || now.getTime() - made.mtimeMs < LEFT_MS) continue;
      await rm(folder, { recursive: true, force: true }).catch(() => {});
    }
  }
}
