// One copy of each value of a stack, and of those before it, on the same tmpfs: what the redactor looks for. No container
// mounts it, and no value stays in our memory for longer than something is searched.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { BESIDE, writeSecretFiles } from './files.ts';
import { closed, type Redactor, redactor } from './redactor.ts';

/** Versions of one secret beside the present one. Each may weigh 64 KiB of memory. */
const MOST_EARLIER = 8;

const nameOf = (path: string) => path.slice(0, path.lastIndexOf('@'));
const versionOf = (path: string) => Number(path.slice(path.lastIndexOf('@') + 1));

export interface Copy {
  /** As `copyName` says. */
  readonly path: string;
  readonly value: Buffer;
}

/**
 * @param inUse names of all that containers may have, whether it is opened now or lies there
 * @returns whether anything had to be written
 */
export async function keepCopies(folder: string, now: readonly Copy[], inUse: ReadonlySet<string>): Promise<boolean> {
  const old = copies(folder).filter((path) => !now.some((file) => file.path === path));
  // Those before: a container that still runs with one may print it, and what was written with it may be read later.
  const kept = old.filter((path) => inUse.has(path) || isAmongNewest(old, path));
  const before = kept.map((path) => ({ path, value: readFileSync(join(folder, path)) }));
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o400 };
  const files = [...new Map([...before, ...now].map((copy) => [copy.path, { ...copy, ...owner }])).values()];
  const { isWritten } = await writeSecretFiles(folder, files);
  await chmod(folder, 0o700);
  for (const { value } of before) value.fill(0);
  return isWritten;
}

interface Remembered {
  readonly key: string;
  readonly redactor: Redactor;
  readonly forgetting: NodeJS.Timeout;
}

/** A log is searched many times a second. Not for long: a redactor holds what it looks for. */
const remembered = new Map<string, Remembered>();
const REMEMBERED_MS = 2_000;
/** The file system's clock is coarse: another change may still get the same time. */
const SETTLED_MS = 100;

/** Null while it changes, or can't be looked at. */
function stateOf(folder: string, needed: readonly string[]): string | null {
  try {
    const { mtimeNs, mtimeMs, ino } = statSync(folder, { bigint: true });
    return Date.now() - Number(mtimeMs) < SETTLED_MS ? null : [mtimeNs, ino, ...needed].join(' ');
  } catch {
    return null;
  }
}

/** @param needed copies without which output can't be searched */
export function redactorOfCopies(folder: string, needed: readonly string[]): Redactor {
  const key = stateOf(folder, needed);
  const known = remembered.get(folder);
  if (known !== undefined && key === known.key) return known.redactor;
  const redactor = readRedactor(folder, needed);
  clearTimeout(known?.forgetting);
  remembered.delete(folder);
  if (key === null) return redactor;
  const forgetting = setTimeout(() => remembered.delete(folder), REMEMBERED_MS);
  forgetting.unref();
  remembered.set(folder, { key, redactor, forgetting });
  return redactor;
}

function readRedactor(folder: string, needed: readonly string[]): Redactor {
  const values: Buffer[] = [];
  try {
    const found = copies(folder);
    if (needed.some((path) => !found.includes(path))) return closed;
    for (const path of found) values.push(readFileSync(join(folder, path)));
    return redactor(values);
  } catch {
    return closed;
  } finally {
    for (const value of values) value.fill(0);
  }
}

/** Half a value is none. */
function copies(folder: string): string[] {
  try {
    return readdirSync(folder).filter((path) => !path.endsWith(BESIDE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isAmongNewest(paths: readonly string[], path: string): boolean {
  const newer = paths.filter((other) => nameOf(other) === nameOf(path) && versionOf(other) > versionOf(path));
  return newer.length < MOST_EARLIER;
}
