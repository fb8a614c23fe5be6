// One start a data folder. What a killed start left behind, an agent or a core that still run, is ended first.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const END_MS = 20_000;

/** Its pid is noted with a word of its command line, since pids are used again. */
interface Note {
  readonly pid: number;
  readonly word: string;
}

function isRunning({ pid, word }: Note): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .some((part) => part.endsWith(word));
  } catch {
    return false;
  }
}

function read(file: string): Note | null {
  const [pid, word] = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
  return word !== undefined && Number(pid) > 1 ? { pid: Number(pid), word } : null;
}

async function endLeftover(note: Note): Promise<void> {
  const deadline = Date.now() + END_MS;
  if (isRunning(note)) process.kill(note.pid, 'SIGTERM');
  while (isRunning(note)) {
    if (Date.now() > deadline) process.kill(note.pid, 'SIGKILL');
    await pause(50);
  }
}

export interface Claim {
  /** Notes a child, for the next start to find should this one be killed. */
  note(part: string, pid: number, word: string): void;
  release(): void;
}

/** @throws Error when another start runs on this folder */
export async function claimFolder(data: string): Promise<Claim> {
  const folder = join(data, 'run');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = join(folder, 'start.pid');
  const other = read(own);
  if (other && other.pid !== process.pid && isRunning(other)) {
    throw new Error(`Overseer already runs on ${data} (process ${other.pid}); stop it first, or set OVERSEER_DATA`);
  }
  const write = (file: string, pid: number, word: string) => writeFileSync(file, `${pid} ${word}\n`, { mode: 0o600 });
  write(own, process.pid, 'services/start.ts');
  for (const name of readdirSync(folder).filter((file) => file !== 'start.pid')) {
    const note = read(join(folder, name));
    if (note) await endLeftover(note);
    rmSync(join(folder, name), { force: true });
  }
  return {
    note: (part, pid, word) => write(join(folder, `${part}.pid`), pid, word),
    release: () => rmSync(folder, { recursive: true, force: true }),
  };
}
