// A child and all it started: each of our children leads its own process group, so one signal reaches every descendant.

export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Gone already, or taken over by another user: neither is ours to end.
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isGone(error);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH';
}

/** Asks the group to end, and ends it when it hasn't after `graceMs`. Returns what calls the second step off. */
export function endGroup(leader: number, signal: NodeJS.Signals, graceMs: number): () => void {
  signalGroup(leader, signal);
  const timer = setTimeout(() => signalGroup(leader, 'SIGKILL'), graceMs);
  return () => clearTimeout(timer);
}
