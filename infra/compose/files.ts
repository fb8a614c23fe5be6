// A stack's files on disk, as `docker compose` finds them: the same for the core, which checks them, and for the agent,
// which runs them. Paths were checked by the contract's schema; they are checked again where they become real.
import { chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Identity } from '#infra/process/identity.ts';
import { OverseerError } from '#subjects/errors.ts';
import { RelativePath } from '#subjects/schema/stack.ts';
import { dotenv } from './dotenv.ts';

/** Writes the files below `folder`, and `.env` when there is something in it, for the owner's eyes only. */
export async function writeStackFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    if (!RelativePath.safeParse(path).success) {
      throw new OverseerError('path-outside', `"${path}" leaves the stack`, { fields: { place: `files.${path}` } });
    }
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, text, { mode: 0o600 });
  }
  if (Object.keys(env).length > 0) await writeFile(join(folder, '.env'), dotenv(env), { mode: 0o600 });
}

/** The folder and what was written there, to somebody else alone. */
export async function handOver(folder: string, { uid, gid }: Identity): Promise<void> {
  const paths = (await readdir(folder, { recursive: true })).map((path) => join(folder, path));
  for (const path of [...paths, folder]) await chown(path, uid, gid);
}
