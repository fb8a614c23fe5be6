// Pure. Liveness of one node from its heartbeats, by a clock that stands still while the core itself could not have heard
// anything (see held-clock). Times are milliseconds of that clock.
import type { Liveness } from '#subjects/schema/node.ts';

export interface Pulse {
  readonly liveness: Liveness;
  /** When it was last heard; null when it never was. */
  readonly heardAt: number | null;
  readonly intervalMs: number;
  readonly bootId: string | null;
  readonly sequence: number;
}

export type PulseInput =
  | {
      readonly type: 'heartbeat';
      readonly at: number;
      readonly intervalMs: number;
      readonly bootId: string;
      readonly sequence: number;
    }
  | { readonly type: 'tick'; readonly at: number }
  /** The core starts or is connected again: nobody is judged before the grace is over. */
  | { readonly type: 'grace'; readonly at: number };

/** Missed intervals. With the usual ten seconds: suspect after 30 s, offline after 90 s. */
const SUSPECT_INTERVALS = 3;
const OFFLINE_INTERVALS = 9;
/** Agents spread their reconnects over up to a minute. */
const GRACE_MS = 60_000;

export function newPulse(liveness: Liveness, intervalMs: number): Pulse {
  return { liveness, heardAt: null, intervalMs, bootId: null, sequence: -1 };
}

function judged({ liveness, heardAt, intervalMs }: Pulse, at: number): Liveness {
  if (heardAt === null || liveness === 'pending') return liveness;
  const silence = at - heardAt;
  if (silence >= OFFLINE_INTERVALS * intervalMs) return 'offline';
  if (silence >= SUSPECT_INTERVALS * intervalMs) return liveness === 'offline' ? 'offline' : 'suspect';
  // Only a heartbeat makes a node online.
  return liveness;
}

export function next(pulse: Pulse, input: PulseInput): Pulse {
  switch (input.type) {
    case 'heartbeat': {
      const { at, intervalMs, bootId, sequence } = input;
      // One that lagged behind a newer one says nothing about now.
      if (bootId === pulse.bootId && sequence <= pulse.sequence) return pulse;
      return { liveness: 'online', heardAt: at, intervalMs, bootId, sequence };
    }
    case 'tick': {
      const liveness = judged(pulse, input.at);
      return liveness === pulse.liveness ? pulse : { ...pulse, liveness };
    }
    case 'grace': {
      // As if heard so late that it becomes suspect when the grace ends.
      const heardAt = input.at + Math.max(0, GRACE_MS - SUSPECT_INTERVALS * pulse.intervalMs);
      return pulse.heardAt !== null && pulse.heardAt >= heardAt ? pulse : { ...pulse, heardAt };
    }
    default:
      return input satisfies never;
  }
}
