// One agent a data folder. The lock is the kernel's, held by the process through SQLite, so it falls with the process
// however that ends; a number in a file would outlive a kill.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AgentFiles } from './settings.ts';

export class FolderInUse extends Error {}

/** @throws FolderInUse */
export function lockFolder(files: AgentFiles): { release(): void } {
  mkdirSync(dirname(files.lock), { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(files.lock);
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new FolderInUse(`another agent runs with ${dirname(files.lock)}`, { cause: error });
  }
  writeFileSync(files.pid, `${process.pid}\n`, { mode: 0o600 });
  return { release: () => lock.close() };
}
