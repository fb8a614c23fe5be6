// One start a data folder. What a killed start left behind, an agent or a core that still run, is ended first.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { signalGroup } from '#infra/process/group.ts';
import { lockFile } from '#infra/process/lock.ts';
import { type Note, noteText, parseNote, startTime } from './note.ts';

const END_MS = 20_000;
const NOTE = '.pid';

/** The same process, not another one that got its number. */
function isRunning({ pid, startedAt }: Note): boolean {
  try {
    return startTime(readFileSync(`/proc/${pid}/stat`, 'utf8')) === startedAt;
  } catch {
    return false;
  }
}

function read(file: string): Note | null {
  try {
    return parseNote(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

async function endLeftover(note: Note): Promise<void> {
  const deadline = performance.now() + END_MS;
  if (isRunning(note)) process.kill(note.pid, 'SIGTERM');
  while (isRunning(note)) {
    if (performance.now() > deadline) signalGroup(note.pid, 'SIGKILL');
    await pause(50);
  }
}

export interface Claim {
  /** Notes a child, for the next start to find should this one be killed. */
  note(part: string, pid: number): void;
  release(): Promise<void>;
}

/** @throws Error when another start runs on this folder */
export async function claimFolder(data: string): Promise<Claim> {
  const folder = join(data, 'run');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = join(folder, 'start.pid');
  const lock = await lockFile(join(folder, 'lock'), { patient: false });
  if (lock === null) {
    const holder = read(own);
    const who = holder ? ` (process ${holder.pid})` : '';
    throw new Error(`Overseer already runs on ${data}${who}; stop it first, or set OVERSEER_DATA to another folder`);
  }
  const write = (part: string, pid: number) => {
    const startedAt = startTime(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (startedAt !== null) writeFileSync(join(folder, part + NOTE), noteText({ pid, startedAt }), { mode: 0o600 });
  };
  const notes = () => readdirSync(folder).filter((name) => name.endsWith(NOTE));
  for (const name of notes().filter((each) => each !== 'start.pid')) {
    const note = read(join(folder, name));
    if (note) await endLeftover(note);
    rmSync(join(folder, name), { force: true });
  }
  write('start', process.pid);
  return {
    note: write,
    async release() {
      for (const name of notes()) rmSync(join(folder, name), { force: true });
      await lock.release();
    },
  };
}
