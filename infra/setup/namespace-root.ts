// An engine started inside a chroot makes containers whose mount namespace has the outer root at its bottom: `docker exec`
// and every health check would join that one instead of the container's. So there an engine gets a mount namespace in
// which the folder that is our root is the root of all. What is mounted here later must show there as well: an agent mounts
// its secrets long after the engine began.
import { statSync } from 'node:fs';
import { run } from '#infra/process.ts';
import { busyboxPath } from './busybox.ts';

/** Enters our namespace anew, which puts us at its root; the open folder leads back. Only a static program works there. */
const ENTER = 'exec 3</; exec nsenter --mount=/proc/self/ns/mnt "/proc/self/fd/3$0" sh -c "$@"';
const PIVOT =
  'set -e; cd /proc/self/fd/3; "/proc/self/fd/3$0" pivot_root . .; cd /; "$0" umount -l /; exec 3<&-; exec "$@"';

async function isChroot(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const args = ['--mount=/proc/self/ns/mnt', 'stat', '-c', '%d:%i', '/'];
  const { exitCode, stdout } = await run('nsenter', args, { timeoutMs: 10_000 });
  const { dev, ino } = statSync('/');
  return exitCode === 0 && stdout.trim() !== `${dev}:${ino}`;
}

/** What to put before the command line of an engine; nothing on a machine that is no chroot. */
export async function enginePrefix(): Promise<readonly string[]> {
  if (!(await isChroot())) return [];
  const busybox = await busyboxPath();
  // Where our root is no mount of its own this can't be done, and secrets need a folder that was mounted before.
  await run('mount', ['--make-rshared', '/'], { timeoutMs: 10_000 });
  return ['unshare', '-m', '--propagation', 'slave', 'sh', '-c', ENTER, busybox, PIVOT, busybox];
}
