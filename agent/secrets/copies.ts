// One copy of each value of a stack, and of the one before it, on the same tmpfs: what the redactor looks for. No container
// mounts it, and no value stays in our memory for it.
import { readdirSync, readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { BESIDE, writeSecretFiles } from './files.ts';
import { closed, type Redactor, redactor } from './redactor.ts';

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
  // The last one before: a container that still runs with it may print it.
  const kept = old.filter((path) => inUse.has(path) || path === newest(old, nameOf(path)));
  const before = kept.map((path) => ({ path, value: readFileSync(join(folder, path)) }));
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o400 };
  const files = [...new Map([...before, ...now].map((copy) => [copy.path, { ...copy, ...owner }])).values()];
  const { isWritten } = await writeSecretFiles(folder, files);
  await chmod(folder, 0o700);
  for (const { value } of before) value.fill(0);
  return isWritten;
}

/** @param needed copies without which output can't be searched */
export function redactorOfCopies(folder: string, needed: readonly string[]): Redactor {
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

function newest(paths: readonly string[], name: string): string | undefined {
  return paths.filter((path) => nameOf(path) === name).toSorted((a, b) => versionOf(b) - versionOf(a))[0];
}
