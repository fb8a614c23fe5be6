// Pure: what a group of tests counted, and the closing lines of the whole run, as the test runner prints them for one group.
import * as z from 'zod/mini';

const NAMES = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const;
const Counts = z.record(z.enum(NAMES), z.int());
export type Counts = z.infer<typeof Counts>;

const Outcome = z.strictObject({
  counts: Counts,
  /** Paths of files in which a test failed. */
  failedFiles: z.array(z.string()),
});
export type Outcome = z.infer<typeof Outcome>;

/** From what the counting reporter wrote; null when a group ended before its summary. */
export function parseOutcome(text: string): Outcome | null {
  try {
    return Outcome.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export function closingLines(groups: readonly Counts[], durationMs: number): string {
  const sum = (name: keyof Counts) => groups.reduce((total, counts) => total + counts[name], 0);
  return [...NAMES.map((name) => `ℹ ${name} ${sum(name)}`), `ℹ duration_ms ${durationMs.toFixed(0)}`].join('\n');
}
