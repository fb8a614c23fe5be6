// Pure: who may go on writing into the spool. While there is plenty everybody may; then those that have more than their share
// wait, and what they write stays in the engine's own files meanwhile.

const PLENTY = 0.5;

/**
 * @param held of one container
 * @param containers that are followed
 */
export function maySpool(held: number, spool: { bytes: number; limit: number; containers: number }): boolean {
  const { bytes, limit, containers } = spool;
  if (bytes >= limit) return false;
  return bytes < limit * PLENTY || held < limit / Math.max(1, containers);
}
