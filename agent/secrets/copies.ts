// One copy of each value of a stack, and of the one before it, on the same tmpfs: what the redactor looks for. No container
// mounts it, and no value stays in our memory for it.
import { readdirSync, readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredSecret } from '#subjects/schema/secret.ts';
import { writeSecretFiles } from './files.ts';
import { type Redactor, redactor } from './redactor.ts';

const nameOf = (path: string) => path.slice(0, path.lastIndexOf('@'));
const versionOf = (path: string) => Number(path.slice(path.lastIndexOf('@') + 1));

/** @returns whether anything had to be written */
export async function keepCopies(
  folder: string,
  secrets: readonly DesiredSecret[],
  values: ReadonlyMap<string, Buffer>,
): Promise<boolean> {
  const now = secrets.map(({ name, version }) => ({ path: `${name}@${version}`, value: openedValue(values, name) }));
  const old = copies(folder).filter((path) => !now.some((file) => file.path === path));
  // The last one before: a container that still runs with it may print it.
  const kept = old.filter((path) => path === newest(old, nameOf(path)));
  const before = kept.map((path) => ({ path, value: readFileSync(join(folder, path)) }));
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, mode: 0o400 };
  const files = [...now, ...before].map((file) => ({ ...file, ...owner }));
  const { isWritten } = await writeSecretFiles(folder, files);
  await chmod(folder, 0o700);
  for (const { value } of before) value.fill(0);
  return isWritten;
}

export function redactorOfCopies(folder: string): Redactor {
  const values = copies(folder).map((path) => readFileSync(join(folder, path)));
  const made = redactor(values);
  for (const value of values) value.fill(0);
  return made;
}

function openedValue(values: ReadonlyMap<string, Buffer>, name: string): Buffer {
  return values.get(name) ?? Buffer.alloc(0);
}

function copies(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function newest(paths: readonly string[], name: string): string | undefined {
  return paths.filter((path) => nameOf(path) === name).toSorted((a, b) => versionOf(b) - versionOf(a))[0];
}
