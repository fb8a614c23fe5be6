// Which of a stack's files are no longer what was last written. Content is read only when size, time or inode say that
// it may have changed, so that a look costs one stat a file.
import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { COMPOSE_MAX_BYTES, FILES_MAX_BYTES } from '#subjects/limits.ts';
import { readConfined } from './confined.ts';

/** More than any file of a stack may be. */
const MOST_BYTES = COMPOSE_MAX_BYTES + FILES_MAX_BYTES;

export interface FileDrift {
  readonly path: string;
  readonly state: 'changed' | 'gone';
}

export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

export interface FileWatch {
  compare(directory: string, digests: Readonly<Record<string, string>>): Promise<FileDrift[]>;
}

export function fileWatch(): FileWatch {
  /** By full path: how it looked when it was last read, and what was in it. */
  const known = new Map<string, { look: string; digest: string | null }>();

  async function digestOnDisk(directory: string, path: string): Promise<string | null | 'gone'> {
    const file = join(directory, path);
    const stat = await lstat(file).catch(() => null);
    if (stat === null) {
      known.delete(file);
      return 'gone';
    }
    const look = `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.mode}`;
    const before = known.get(file);
    if (before?.look === look) return before.digest;
    // What is no file of its own any more (a link, a directory, one that a container writes on and on) has no content of
    // ours either.
    const content = stat.size > MOST_BYTES ? null : await readConfined(directory, path).catch(() => null);
    const digest = content === null ? null : digestOf(content);
    known.set(file, { look, digest });
    return digest;
  }

  return {
    async compare(directory, digests) {
      const found: FileDrift[] = [];
      for (const [path, digest] of Object.entries(digests)) {
        const now = await digestOnDisk(directory, path);
        if (now !== digest) found.push({ path, state: now === 'gone' ? 'gone' : 'changed' });
      }
      return found;
    },
  };
}
