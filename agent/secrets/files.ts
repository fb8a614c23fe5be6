// Secret files of one service: written beside and renamed, so that a container never reads half of one; what is right
// already is not touched. Nothing below the mount is in anybody else's reach.
import { constants } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface FileOfSecret {
  readonly path: string;
  readonly value: Uint8Array;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** A folder that a service's user may look into; only containers that mount it reach it. */
const FOLDER_MODE = 0o755;
export const BESIDE = '.overseer-tmp';

/** @returns whether anything had to be written, and whether the folder had to be made */
export async function writeSecretFiles(
  folder: string,
  files: readonly FileOfSecret[],
): Promise<{ isWritten: boolean; isNew: boolean }> {
  const isNew = (await mkdir(folder, { recursive: true, mode: FOLDER_MODE })) !== undefined;
  await chmod(folder, FOLDER_MODE);
  let isWritten = false;
  for (const file of files) if (await writeSecretFile(folder, file)) isWritten = true;
  await removeOthers(folder, new Set(files.map(({ path }) => path)));
  return { isWritten, isNew };
}

async function writeSecretFile(folder: string, file: FileOfSecret): Promise<boolean> {
  const target = join(folder, file.path);
  if (await isRight(target, file)) return false;
  const parent = dirname(target);
  if (parent !== folder) await makeFolders(folder, dirname(file.path));
  const beside = `${target}${BESIDE}`;
  await rm(beside, { force: true });
  const handle = await open(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await handle.writeFile(file.value);
    await handle.chown(file.uid, file.gid);
    await handle.chmod(file.mode);
  } finally {
    await handle.close();
  }
  await rename(beside, target);
  return true;
}

/** The mode is set apart: what the process masks would shut a container's user out. */
async function makeFolders(folder: string, below: string): Promise<void> {
  let at = folder;
  for (const segment of below.split('/')) {
    at = join(at, segment);
    await mkdir(at, { recursive: true });
    await chmod(at, FOLDER_MODE);
  }
}

async function isRight(target: string, { value, uid, gid, mode }: FileOfSecret): Promise<boolean> {
  const handle = await open(target, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (handle === null) return false;
  try {
    const found = await handle.stat();
    const isSame = found.isFile() && found.uid === uid && found.gid === gid && (found.mode & 0o777) === mode;
    if (!isSame || found.size !== value.length) return false;
    const content = await handle.readFile();
    const isEqual = content.equals(value);
    content.fill(0);
    return isEqual;
  } finally {
    await handle.close();
  }
}

/** Takes away what no longer belongs there. */
export async function removeOthers(folder: string, wanted: ReadonlySet<string>, below = ''): Promise<void> {
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      await removeOthers(folder, wanted, path);
      await rmdir(join(folder, path)).catch(() => {});
    } else if (!wanted.has(path)) {
      await rm(join(folder, path), { force: true });
    }
  }
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
