// What a PostgreSQL killed without warning leaves: lock files that name its pid, and children that end themselves soon.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const LEFTOVER_MS = 15_000;

/**
 * Its processes work in the cluster's folder: the postmaster, and children that outlive a killed one for a moment. Told by
 * the folder itself, since a server in another mount namespace has another path to it.
 */
function processesOf(cluster: string): number[] {
  const own = statSync(cluster);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const { dev, ino } = statSync(`/proc/${name}/cwd`);
        return dev === own.dev && ino === own.ino;
      } catch {
        return false;
      }
    })
    .map(Number);
}

export function postmaster(cluster: string): number | null {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  return processesOf(cluster).includes(pid) ? pid : null;
}

export async function clearLeftovers(cluster: string, socketFile: string): Promise<void> {
  const deadline = performance.now() + LEFTOVER_MS;
  while (processesOf(cluster).length > 0) {
    if (performance.now() > deadline) {
      throw new Error(`PostgreSQL: processes of a killed server still use ${cluster}`);
    }
    await pause(50);
  }
  for (const file of [join(cluster, 'postmaster.pid'), socketFile, `${socketFile}.lock`]) rmSync(file, { force: true });
}
