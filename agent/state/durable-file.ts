// Files that must be whole or not there at all: written beside, flushed, renamed, the directory flushed too.
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces `file`. After it resolves the content survives a power cut; before, the old one does. */
export async function writeDurably(file: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const directory = dirname(file);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const beside = join(directory, `.${process.pid}-${performance.now()}.tmp`);
  try {
    const handle = await open(beside, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await flushDirectory(directory);
}
