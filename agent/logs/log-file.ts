// Files of a container's log as they lie on the disk: the one that is written, and those before it as `.1`, `.2` and so on.
// Opened at once and kept open: what is renamed or removed meanwhile is read to its end all the same.
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { Row } from './row.ts';

/** A longer row is none: the engine's own have at most 16 kB of text, each byte escaped by six. */
export const LONGEST_ROW_BYTES = 512 * 1024;
/**
 * From a row's end back to its time at the longest, and at the shortest to the key before it: enough to know the row again.
 * It is written to disk, so it must hold nothing of the text before, in which values of secrets may stand.
 */
const MARK_BYTES = '2026-01-01T00:00:00.123456789Z"}\n'.length;

export interface LogFile {
  readonly descriptor: number;
  readonly inode: number;
  readonly id: string;
  /** Of its first row; null where that is none. Nanoseconds since 1970. */
  readonly firstAt: string | null;
}

/** Null when there is no such file. @throws when it can't be looked at */
export function look(path: string): { readonly inode: number; readonly size: number } | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? null : { inode: found.ino, size: found.size };
}

/**
 * By its first row, which holds its time. Parts of a long line are alike to the last byte, and a file may begin with one:
 * then the file's own time of birth tells them apart.
 * @returns null while it has no whole row
 */
export function identify(descriptor: number): Pick<LogFile, 'id' | 'firstAt'> | null {
  const bytes = firstRow(descriptor);
  if (bytes === null) return null;
  const row = new Row();
  const text = bytes.toString('utf8');
  const isRow = row.read(text, 0, text.length);
  const hash = createHash('sha256').update(bytes);
  if (!isRow || !row.isEnd) hash.update(String(fstatSync(descriptor, { bigint: true }).birthtimeNs));
  const firstAt = isRow ? row.at : null;
  return { id: hash.digest('hex').slice(0, 32), firstAt };
}

function firstRow(descriptor: number): Buffer | null {
  for (let size = 4096; ; size *= 8) {
    const buffer = Buffer.alloc(Math.min(size, LONGEST_ROW_BYTES));
    const length = readSync(descriptor, buffer, 0, buffer.length, 0);
    const end = buffer.subarray(0, length).indexOf(10);
    if (end >= 0) return buffer.subarray(0, end);
    if (length < buffer.length) return null;
    if (size >= LONGEST_ROW_BYTES) return buffer;
  }
}

/** What stands before the place that is reached with these bytes, to be compared later. */
export function markAfter(before: string, bytes: Buffer): string {
  return (before + bytes.toString('latin1', Math.max(0, bytes.length - MARK_BYTES))).slice(-MARK_BYTES);
}

export function close({ descriptor }: Pick<LogFile, 'descriptor'>): void {
  closeSync(descriptor);
}

function open(path: string): (Omit<LogFile, 'id' | 'firstAt'> & Partial<LogFile>) | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return { descriptor, inode: fstatSync(descriptor).ino, ...identify(descriptor) };
}

export interface Chain {
  /** Oldest first; those that have no row yet are left out. */
  readonly files: readonly LogFile[];
  /** With those. */
  readonly count: number;
  /** The file they were to follow is among them no more: something may be missing before the first. */
  readonly isTorn: boolean;
}

/** A rotation in the midst of it renames what is about to be opened. */
const TRIES = 5;

/**
 * Opens the files that are newer than one, which is left out; all of them without one.
 * @returns null when the engine is about to change them: look again
 */
export function openNewer(path: string, than: number | null): Chain | null {
  for (let tries = 0; tries < TRIES; tries++) {
    const opened: ReturnType<typeof open>[] = [];
    let isFound = false;
    for (let number = 0; ; number++) {
      const file = open(number === 0 ? path : `${path}.${number}`);
      if (file === null) break;
      opened.push(file);
      isFound = file.inode === than;
      if (isFound) break;
    }
    const newest = opened[0];
    if (newest && look(path)?.inode === newest.inode) {
      const wanted = opened.filter((file) => file?.id !== undefined && file.inode !== than) as LogFile[];
      for (const file of opened) if (file && !wanted.includes(file as LogFile)) close(file);
      return { files: wanted.reverse(), count: opened.length, isTorn: than !== null && !isFound };
    }
    for (const file of opened) if (file) close(file);
  }
  return null;
}
