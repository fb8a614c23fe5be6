// CPU time and memory of processes with all their children, from /proc.
import { readdirSync, readFileSync } from 'node:fs';

/** Kernel ticks a second; the same on every Linux that Node runs on. */
const TICKS = 100;

interface Stat {
  readonly parent: number;
  readonly cpuSeconds: number;
}

function stat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    // User and system time, its own and that of children which have ended: a server's short-lived workers count too.
    const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
    return { parent: fields[1] ?? 0, cpuSeconds: ticks / TICKS };
  } catch {
    return null;
  }
}

function family(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const found = /^\d+$/.test(name) ? stat(Number(name)) : null;
    if (found) parents.set(Number(name), found.parent);
  }
  const members = [root];
  for (let index = 0; index < members.length; index++) {
    for (const [pid, parent] of parents) if (parent === members[index]) members.push(pid);
  }
  return members;
}

function memory(pid: number, field: 'Pss' | 'Rss' | 'Anonymous'): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

export interface Usage {
  readonly cpuSeconds: number;
  /** Proportional share, so that pages shared among PostgreSQL's processes count once. */
  readonly pssBytes: number;
}

export function usageOf(root: number): Usage {
  const members = family(root);
  return {
    cpuSeconds: members.reduce((sum, pid) => sum + (stat(pid)?.cpuSeconds ?? 0), 0),
    pssBytes: members.reduce((sum, pid) => sum + memory(pid, 'Pss'), 0),
  };
}

export function residentOf(pid: number): { rssBytes: number; anonymousBytes: number } {
  return { rssBytes: memory(pid, 'Rss'), anonymousBytes: memory(pid, 'Anonymous') };
}
