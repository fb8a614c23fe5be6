// Tests wait for conditions with a deadline, never for time to pass.
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * The first truthy value of `condition`; an error counts as "not yet" and is named when the deadline passes.
 * @param what completes "waited in vain for ..."
 */
export async function until<T>(
  condition: () => Promise<T> | T,
  deadlineMs: number,
  what: string,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      const seen = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`waited ${deadlineMs} ms in vain for ${what}; last: ${seen}`);
    }
    await pause(POLL_MS);
  }
}
