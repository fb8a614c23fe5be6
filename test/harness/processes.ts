// Processes of this machine as /proc tells them: whose they are is read from arguments, environment and working folder,
// so that a killed supervisor's children are still found.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { until } from './until.ts';

export interface Process {
  readonly pid: number;
  readonly command: string;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function cwd(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  // A zombie runs no more; its parent only has not asked yet.
  return stat !== '' && stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
}

/** Processes that name `folder` in arguments or environment, or that work in it; never the one that asks. */
export function processesOf(folder: string): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ name, command: read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim() }))
    .filter(
      ({ name, command }) =>
        command.includes(folder) || cwd(name).startsWith(folder) || read(`/proc/${name}/environ`).includes(folder),
    )
    .map(({ name, command }) => ({ pid: Number(name), command }))
    .filter(({ pid }) => isAlive(pid));
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills what still runs in `folder` by its pid, until nothing does. */
export async function killAllOf(folder: string): Promise<void> {
  await until(
    () => {
      const left = processesOf(folder);
      for (const { pid } of left) kill(pid, 'SIGKILL');
      return left.length === 0;
    },
    15_000,
    `the end of all processes of ${folder}`,
  );
}
