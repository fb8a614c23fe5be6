// Pure. A clock for judging silence: it goes on only while this process could have heard a heartbeat. Time in which the
// event loop stood still or the bus was gone does not count against any node.

export interface HeldClock {
  /** Milliseconds that counted. */
  readonly now: number;
  /** Of the machine's monotonic clock. */
  readonly readAt: number;
}

/** The longest time between two readings that is no stall. */
const STALL_MS = 5_000;

export function startClock(monotonicMs: number): HeldClock {
  return { now: 0, readAt: monotonicMs };
}

export function read(clock: HeldClock, monotonicMs: number, isConnected: boolean): HeldClock {
  const passed = Math.max(0, monotonicMs - clock.readAt);
  const counts = isConnected && passed <= STALL_MS;
  return { now: clock.now + (counts ? passed : 0), readAt: monotonicMs };
}
