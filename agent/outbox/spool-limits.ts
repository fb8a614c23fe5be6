// Pure: how much an agent keeps while nobody takes its events, and how it says what it had to drop.
import type { NodeEvent } from '#subjects/schema/node-event.ts';

export interface SpoolLimits {
  readonly bytes: number;
  readonly events: number;
}

/** Days of ordinary events, and no more disk than a container image. */
export const SPOOL_LIMITS: SpoolLimits = { bytes: 64 * 1024 * 1024, events: 20_000 };
/** Dropped down to this share, so that a full spool drops in batches and tells of it in one event each. */
export const KEPT_SHARE = 0.9;

/** Output of steps goes first: its loss hides no change of state. */
export function isExpendable(event: NodeEvent): boolean {
  return event.body.type === 'stack.step.output';
}

export function lossEvent(cause: NodeEvent, dropped: readonly number[]): NodeEvent {
  const from = Math.min(...dropped);
  const to = Math.max(...dropped);
  const reason = `${dropped.length} events were dropped because the spool was full`;
  return { kind: 'event', at: cause.at, bootId: cause.bootId, body: { type: 'events.lost', from, to, reason } };
}
