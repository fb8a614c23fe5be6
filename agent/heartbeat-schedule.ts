// Pure: when the next heartbeat is due.

/** A fifth up or down: agents that started together drift apart. */
const JITTER = 0.2;

/** @param random from 0 to 1 */
export function heartbeatDelayMs(intervalSeconds: number, random: number): number {
  return Math.round(intervalSeconds * 1000 * (1 - JITTER + 2 * JITTER * random));
}
