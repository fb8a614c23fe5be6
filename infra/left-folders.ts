// Folders with files of a stack that a process made for a moment, and that stay when it is killed within that moment.
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface LeftFolders {
  readonly place: string;
  /** How their names begin. */
  readonly prefix: string;
  /** Longer than anybody may need one: others of our kind may be at work beside us. */
  readonly leftMs: number;
}

export async function clearLeftFolders({ place, prefix, leftMs }: LeftFolders, nowMs: number): Promise<void> {
  const names = await readdir(place).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    const folder = join(place, name);
    const found = await lstat(folder).catch(() => null);
    // Whoever owns it: some are handed over to nobody before they are used.
    if (!found?.isDirectory() || nowMs - found.mtimeMs < leftMs) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}
