// Pure: whether a node's record follows the one before in the node's own chain.
import type { NodeAuditFault } from '#subjects/schema/audit.ts';

interface Place {
  readonly epoch: string;
  readonly sequence: number;
  readonly hash: { equals(other: Uint8Array): boolean };
}

/**
 * @param last null before the first
 * @param previous hash that the record names as the one before it
 */
export function judgeOrder(
  last: Place | null,
  next: Pick<Place, 'epoch' | 'sequence'>,
  previous: Uint8Array,
): Extract<NodeAuditFault, 'hole' | 'late' | 'restarted' | 'fork'> | null {
  const isNew = last === null || last.epoch !== next.epoch;
  if (isNew && next.sequence > 1) return 'hole';
  if (isNew && previous.some((byte) => byte !== 0)) return 'fork';
  if (last === null) return null;
  if (isNew) return 'restarted';
  if (next.sequence <= last.sequence) return 'late';
  if (next.sequence > last.sequence + 1) return 'hole';
  return last.hash.equals(previous) ? null : 'fork';
}
