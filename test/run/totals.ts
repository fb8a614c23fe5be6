// Pure: the closing lines of the whole run, as the test runner prints them for one group.

const NAMES = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const;

export type Counts = Record<(typeof NAMES)[number], number>;

/** From what the counting reporter wrote; null when a group ended before its summary. */
export function parseCounts(text: string): Counts | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return null;
    const counts = Object.fromEntries(Object.entries(parsed).filter(([, value]) => Number.isInteger(value))) as Counts;
    return NAMES.every((name) => name in counts) ? counts : null;
  } catch {
    return null;
  }
}

export function closingLines(groups: readonly Counts[], durationMs: number): string {
  const sum = (name: keyof Counts) => groups.reduce((total, counts) => total + counts[name], 0);
  return [...NAMES.map((name) => `ℹ ${name} ${sum(name)}`), `ℹ duration_ms ${durationMs.toFixed(0)}`].join('\n');
}
