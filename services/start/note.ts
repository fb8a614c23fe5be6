// Pure: how a process is noted so that it is known again. Numbers are used anew; number and start time together are not.

export interface Note {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot. */
  readonly startedAt: string;
}

export function noteText({ pid, startedAt }: Note): string {
  return `${pid} ${startedAt}\n`;
}

/** Null for anything that is no note. */
export function parseNote(text: string): Note | null {
  const [, pid, startedAt] = /^(\d+) (\d+)\n$/.exec(text) ?? [];
  // 0 and 1 would address a whole group or the machine's first process.
  return pid !== undefined && startedAt !== undefined && Number(pid) > 1 ? { pid: Number(pid), startedAt } : null;
}

/** From the text of /proc/PID/stat; null when the process has ended and only waits to be collected. */
export function startTime(stat: string): string | null {
  // The name stands in brackets and may hold anything, brackets and spaces too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}
