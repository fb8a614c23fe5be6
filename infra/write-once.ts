// A file that is made once and then stays: whole or not at all, and never over one that is there. Two that make it at
// once end with the same.
import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { newId } from './ids.ts';

/** For its owner alone. @returns false when there was one */
export function writeOnce(file: string, text: string): boolean {
  const draft = `${file}.${newId()}`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft);
  }
}
