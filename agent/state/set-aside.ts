// Opens a database of the agent, or sets aside a file that is none any more. Only what SQLite itself calls damaged is set
// aside: a disk that is full or can't be read says nothing about the file, and what waits in its log is still there.
import { existsSync, renameSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

const CORRUPT = 11;
const NOT_A_DATABASE = 26;
/** Its write-ahead log holds what the file does not yet. */
const LOG = '-wal';
const INDEX_OF_LOG = '-shm';

/** The lower byte of an extended result code. */
function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === CORRUPT || code === NOT_A_DATABASE;
}

function freeName(file: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? `${file}.damaged` : `${file}.damaged-${number}`;
    if (!existsSync(name) && !existsSync(name + LOG)) return name;
  }
}

/**
 * @param open throws SQLite's error
 * @param onSetAside where the damaged file lies now
 * @throws whatever else kept it from being opened: it is to be tried again
 */
export function openOrSetAside(
  file: string,
  open: () => DatabaseSync,
  onSetAside: (aside: string, error: unknown) => void,
): DatabaseSync {
  try {
    return open();
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = freeName(file);
    renameSync(file, aside);
    if (existsSync(file + LOG)) renameSync(file + LOG, aside + LOG);
    rmSync(file + INDEX_OF_LOG, { force: true });
    onSetAside(aside, error);
    return open();
  }
}
