// PostgreSQL refuses root. Where root starts us, its programs run in a user namespace of one uid, in which the files stay
// root's. A chroot or a container may allow no such namespace: then they run as the user nobody, to whom the folder is
// given, in a mount namespace where the folders on the way to it, closed to nobody, are empty ones that are open.
import { chownSync, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { run } from '#infra/process.ts';

export interface Account {
  /** The command line that runs `binary` as this account. */
  command(binary: string, args: readonly string[]): readonly [string, readonly string[]];
  /** Who owns what it writes, as we see it. */
  readonly uid: number;
}

export type Way = 'as we are' | 'user namespace' | 'mount namespace' | 'nobody';

const NOBODY = 65_534;
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const IN_USER_NAMESPACE = ['unshare', '-U', '--map-user=1000', '--map-group=1000'];
/** Paths for the two loops stand in lines. Nothing of this is seen outside of the command's own namespace. */
const OPENED = `set -ef
stage=$1 closed=$2 folders=$3
shift 3
IFS='
'
mount -t tmpfs -o mode=755 tmpfs "$stage"
count=0
for folder in $folders; do
  count=$((count + 1))
  mkdir "$stage/$count"
  mount --bind "$folder" "$stage/$count"
done
for folder in $closed; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
count=0
for folder in $folders; do
  count=$((count + 1))
  mkdir -p "$folder"
  mount --bind "$stage/$count" "$folder"
done
cd /
exec "$@"`;
const STAGES = ['/mnt', '/media', '/opt', '/srv'];

async function works(line: readonly string[]): Promise<boolean> {
  const [file = '', ...args] = line;
  return (await run(file, args, { timeoutMs: 10_000 })).exitCode === 0;
}

/** The first way that this machine allows. */
export async function wayToRun(): Promise<Way> {
  if (process.getuid?.() !== 0) return 'as we are';
  if (await works([...IN_USER_NAMESPACE, 'true'])) return 'user namespace';
  if (await works([...inOpened([], []), 'true'])) return 'mount namespace';
  return 'nobody';
}

function inOpened(closed: readonly string[], folders: readonly string[]): string[] {
  const isFree = (stage: string) =>
    existsSync(stage) && !folders.some((folder) => `${folder}/`.startsWith(`${stage}/`));
  const stage = STAGES.find(isFree) ?? '/mnt';
  return ['unshare', '-m', 'sh', '-c', OPENED, 'sh', stage, closed.join('\n'), folders.join('\n')];
}

/** The first folder on the way that lets no stranger through. */
function closedAbove(folder: string): string | null {
  const above = dirname(folder);
  if (above === folder) return null;
  return closedAbove(above) ?? (isOpen(above) ? null : above);
}

function isOpen(folder: string): boolean {
  return (statSync(folder).mode & 0o001) !== 0;
}

function prefixed(prefix: readonly string[], binary: string, args: readonly string[]): [string, string[]] {
  const [file = '', ...rest] = [...prefix, binary, ...args];
  return [file, rest];
}

/** @param folders absolute paths of all that its programs read and write; `owned` of what they write */
export function accountFor(way: Way, folders: readonly string[], owned: readonly string[]): Account {
  if (way === 'as we are') return { uid: process.getuid?.() ?? NOBODY, command: (binary, args) => [binary, args] };
  if (way === 'user namespace') {
    return { uid: 0, command: (binary, args) => prefixed(IN_USER_NAMESPACE, binary, args) };
  }
  for (const folder of owned) chownSync(folder, NOBODY, NOBODY);
  if (way === 'nobody') return { uid: NOBODY, command: (binary, args) => prefixed(AS_NOBODY, binary, args) };
  const behind = folders.filter((folder) => closedAbove(folder) !== null);
  const prefix = [...inOpened([...new Set(behind.map((folder) => closedAbove(folder) ?? ''))], behind), ...AS_NOBODY];
  return { uid: NOBODY, command: (binary, args) => prefixed(prefix, binary, args) };
}
