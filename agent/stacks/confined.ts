// Files below one directory, never outside it. A container may own what it mounts from a stack's folder and put links
// there, so every step down refuses a link, and nothing is looked up twice: each directory is held open while it is used.
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readFile, rename, rm, rmdir } from 'node:fs/promises';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const DIRECTORY_MODE = 0o755;

function within(directory: FileHandle, name: string): string {
  return `/proc/self/fd/${directory.fd}/${name}`;
}

/** Calls `use` with the directory of `path` and its last name; makes directories on the way when asked. */
async function inDirectoryOf<T>(
  root: string,
  path: string,
  make: boolean,
  use: (directory: FileHandle, name: string) => Promise<T>,
): Promise<T> {
  const segments = path.split('/');
  const name = segments.pop();
  if (!name || segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new Error(`${path} is not a path inside the stack`);
  }
  let directory = await open(root, DIRECTORY);
  try {
    for (const segment of segments) {
      const next = within(directory, segment);
      const isMade = make && (await makeDirectory(next));
      const inner = await open(next, DIRECTORY);
      await directory.close();
      directory = inner;
      // Set apart: what the process masks would shut out the users that containers run as.
      if (isMade) await directory.chmod(DIRECTORY_MODE);
    }
    return await use(directory, name);
  } finally {
    await directory.close();
  }
}

/** @returns false when it was there */
async function makeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: DIRECTORY_MODE });
    return true;
  } catch (error) {
    ignore('EEXIST')(error as NodeJS.ErrnoException);
    return false;
  }
}

function ignore(...codes: string[]): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (error.code === undefined || !codes.includes(error.code)) throw error;
  };
}

/** @throws when it is not there, is a link or no file, or is larger than `mostBytes` */
export async function readConfined(root: string, path: string, mostBytes = Number.POSITIVE_INFINITY): Promise<string> {
  return inDirectoryOf(root, path, false, async (directory, name) => {
    const handle = await open(
      within(directory, name),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw new Error(`${path} is no file`);
      if (found.size > mostBytes) throw new Error(`${path} is too large`);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  });
}

/**
 * Replaces the file unless it has this content already: an unchanged one keeps its inode, which mounts hold on to.
 * @param isTheirs owner and mode of a file that is there stay
 */
export async function writeConfined(
  root: string,
  path: string,
  content: string,
  mode: number,
  isTheirs = false,
): Promise<void> {
  await inDirectoryOf(root, path, true, async (directory, name) => {
    const file = within(directory, name);
    const known = await lstat(file).catch(() => null);
    if (known?.isDirectory()) throw new Error(`${path} is a directory already`);
    const theirs = isTheirs && known?.isFile() ? known : null;
    const isRight = theirs !== null || (known?.isFile() && (known.mode & 0o777) === mode);
    if (isRight && (await readFile(file, 'utf8')) === content) return;
    const beside = within(directory, `.${name}.overseer-tmp`);
    await rm(beside, { force: true });
    const handle = await open(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    try {
      if (theirs !== null) await handle.chown(theirs.uid, theirs.gid);
      await handle.chmod(theirs === null ? mode : theirs.mode & 0o777);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  });
}

/** What another program would read is not what stands there. */
export class LinkRefused extends Error {}

/**
 * For paths that another program is about to read: what is not there may stay away.
 * @throws LinkRefused when one is a link or lies behind one, or is no plain file: its reader would be led elsewhere, or wait for ever
 */
export async function refuseLinks(root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const look = inDirectoryOf(root, path, false, async (directory, name) => {
      const found = await lstat(within(directory, name));
      if (!found.isFile() && !found.isDirectory()) throw new LinkRefused(`${path} is no plain file`);
    });
    await look.catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ELOOP' || error.code === 'ENOTDIR') throw new LinkRefused(`${path} lies behind a link`);
      ignore('ENOENT')(error);
    });
  }
}

/** Removes the file and the directories that are empty without it. What is gone already, or is no file of ours, is left. */
export async function removeConfined(root: string, path: string): Promise<void> {
  const gone = ignore('ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENOTEMPTY');
  await inDirectoryOf(root, path, false, async (directory, name) => {
    await rm(within(directory, name), { force: true });
  }).catch(gone);
  const segments = path.split('/').slice(0, -1);
  for (; segments.length > 0; segments.pop()) {
    await inDirectoryOf(root, segments.join('/'), false, async (directory, name) => {
      await rmdir(within(directory, name));
    }).catch(gone);
  }
}
