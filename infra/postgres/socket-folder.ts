// Where the socket lies. Its path may have 107 characters, so a long data folder gets a short one beside.
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `/.s.PGSQL.5433` comes on top. */
const LONGEST = 90;
/** Who runs PostgreSQL where root may not. */
const NOBODY = 65_534;

/** @throws Error when somebody else made the short folder before us */
export function socketFolder(dir: string): string {
  if (Buffer.byteLength(dir) <= LONGEST) return dir;
  const name = `overseer-pg-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`;
  const folder = join(process.env['XDG_RUNTIME_DIR'] || tmpdir(), name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = lstatSync(folder);
  if (!lstatSync(folder).isDirectory() || ![process.getuid?.(), NOBODY].includes(uid)) {
    throw new Error(`${folder} belongs to somebody else (uid ${uid}); PostgreSQL's socket can't lie there`);
  }
  // With trust authentication the folder's mode is the only guard.
  chmodSync(folder, 0o700);
  return folder;
}
