// Where set-up keeps what it fetched: one folder a version, complete or not there, shared by every checkout of this user.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import semver from 'semver';
import { lockFile } from '#infra/process/lock.ts';
import { type UnpackedPackage, withDebianPackage } from './debian.ts';

export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'overseer');
}

export interface CachedProgram {
  readonly name: string;
  readonly suites: readonly string[];
  /** Where the package has the program, in one release or another. */
  readonly paths: readonly string[];
  accepts(version: string): boolean;
}

/** The newest cached version that is accepted. */
export function cachedPath(program: CachedProgram): string | null {
  const folder = cacheFolder();
  if (!existsSync(folder)) return null;
  const versions = readdirSync(folder)
    .filter((entry) => entry.startsWith(`${program.name}-`))
    .map((entry) => entry.slice(program.name.length + 1))
    .filter(
      (version) => program.accepts(version) && existsSync(join(folder, `${program.name}-${version}`, program.name)),
    );
  const [newest] = versions.sort((a, b) => semver.rcompare(semver.coerce(a) ?? '0.0.0', semver.coerce(b) ?? '0.0.0'));
  return newest === undefined ? null : join(folder, `${program.name}-${newest}`, program.name);
}

/** Two processes at once fetch it once: the second waits and finds it. */
export async function fetchIntoCache(program: CachedProgram): Promise<string> {
  const lock = await lockFile(join(cacheFolder(), `${program.name}.lock`), { patient: true });
  try {
    return (
      cachedPath(program) ??
      (await withDebianPackage(program.name, program.suites, async (unpacked) => keep(program, unpacked)))
    );
  } finally {
    await lock?.release();
  }
}

function keep(program: CachedProgram, { version, folder }: UnpackedPackage): string {
  if (!program.accepts(version)) throw new Error(`Debian has ${program.name} ${version}, which is not accepted`);
  const packed = program.paths.map((path) => join(folder, path)).find((path) => existsSync(path));
  if (packed === undefined) throw new Error(`Debian's ${program.name} has no ${program.paths.join(' or ')}`);
  const place = join(cacheFolder(), `${program.name}-${version}`);
  const fresh = `${place}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o755 });
  copyFileSync(packed, join(fresh, program.name));
  chmodSync(join(fresh, program.name), 0o755);
  rmSync(place, { recursive: true, force: true });
  renameSync(fresh, place);
  return join(place, program.name);
}
