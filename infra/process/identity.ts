// Another user for a child that needs nothing of ours: what it reads by mistake or by somebody's wish, everybody may read.
import { realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** The user without rights of every Linux. */
const NOBODY: Identity = { uid: 65_534, gid: 65_534 };
const BY_OTHERS = 0o001;

async function isOpen(path: string): Promise<boolean> {
  const { mode } = await stat(path);
  return (mode & BY_OTHERS) !== 0 && (path === '/' || (await isOpen(dirname(path))));
}

/**
 * @param needed programs and folders that the child must get to
 * @returns null where we may not choose (only root may) or nobody could not get there
 */
export async function powerless(needed: readonly string[]): Promise<Identity | null> {
  if (process.getuid?.() !== 0 || !needed.every(isAbsolute)) return null;
  const open = await Promise.all(needed.map((path) => realpath(path).then(isOpen, () => false)));
  return open.every(Boolean) ? NOBODY : null;
}
