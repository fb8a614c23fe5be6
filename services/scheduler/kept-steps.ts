// Pure: how much is kept of what a node tells of one deployment's steps. An agent that tries again and again, or a tool that
// prints on and on, must neither fill the database nor make the whole unreadable: what is kept of one node fits into one
// message of the bus.
import { bytesOf } from './cursor.ts';
import type { StepEvent, StepTold } from './steps.ts';

export const LINES_A_TARGET = 10_000;
const EVENTS_A_TARGET = 1000;
/** As JSON. Some five thousand ordinary lines. */
export const OUTPUT_BYTES_A_TARGET = 448 * 1024;
/** With the steps themselves, which still stand when the output is cut. */
const BYTES_A_TARGET = 512 * 1024;
/** Times and names of fields that a step has in a view. */
const STEP_BYTES = 200;

/** What is there of one deployment on one node. */
export interface Used {
  readonly events: number;
  readonly lines: number;
  readonly outputBytes: number;
  readonly bytes: number;
}

export interface Kept {
  readonly told: StepTold;
  readonly lines: number;
  readonly bytes: number;
  /** Lines that are not. */
  readonly dropped: number;
}

/** The first lines that have room, and what they take of it. */
export function firstLines(
  lines: readonly string[],
  room: number,
): { readonly lines: string[]; readonly bytes: number } {
  let bytes = 0;
  for (const [index, line] of lines.entries()) {
    const more = bytesOf(line) + 1;
    if (bytes + more > room) return { lines: lines.slice(0, index), bytes };
    bytes += more;
  }
  return { lines: [...lines], bytes };
}

/** Null: nothing of it. Its lines are counted where it would stand. */
export function kept({ step, told }: Pick<StepEvent, 'step' | 'told'>, used: Used): Kept | null {
  if (used.events >= EVENTS_A_TARGET || used.bytes >= BYTES_A_TARGET) return null;
  if (!('lines' in told)) return { told, lines: 0, bytes: bytesOf({ step, told }) + STEP_BYTES, dropped: 0 };
  const most = told.lines.slice(0, Math.max(0, LINES_A_TARGET - used.lines));
  const { lines, bytes } = firstLines(most, OUTPUT_BYTES_A_TARGET - used.outputBytes);
  if (lines.length === 0 && told.lines.length > 0) return null;
  return { told: { lines }, lines: lines.length, bytes, dropped: told.lines.length - lines.length };
}

/** An event of output that begins `before` bytes after a node's first, cut to the node's share. */
export function withinShare<E extends Pick<StepEvent, 'told' | 'leftOut'>>(event: E, before: number, share: number): E {
  if (!('lines' in event.told)) return event;
  const { lines } = firstLines(event.told.lines, share - before);
  return { ...event, told: { lines }, leftOut: event.leftOut + event.told.lines.length - lines.length };
}
