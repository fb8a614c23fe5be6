// A child and all it started: each of our children leads its own process group, so one signal reaches every descendant.
import { readFileSync } from 'node:fs';

export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Gone already, or taken over by another user: neither is ours to end.
  }
}

/** A process that ended is none, though its parent has not asked yet: in a container whose first process is no init, nobody does. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

/** Asks the group to end, and ends it when it hasn't after `graceMs`. Returns what calls the second step off. */
export function endGroup(leader: number, signal: NodeJS.Signals, graceMs: number): () => void {
  signalGroup(leader, signal);
  const timer = setTimeout(() => signalGroup(leader, 'SIGKILL'), graceMs);
  return () => clearTimeout(timer);
}
