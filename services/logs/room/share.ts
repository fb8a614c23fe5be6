// Pure: how much room there is, and who gives some when there is too little. All get the same share; what a node does not use of its own is shared by
// the others. So a node below its share never loses a line to another's flood.

/** A store that begins on such a disk is still good for the last lines. */
const LEAST_ROOM = 64 * 1024 * 1024;

/**
 * A database does not give a disk back what is removed from it; it only writes there again. So on a disk that is nearly full
 * the store stops growing at what it holds then: removing more would cost lines and gain nothing.
 * @param before what the last look gave; the bound while there was no shortage
 */
export function roomFor(maxBytes: number, held: number, isShort: boolean, before: number): number {
  if (!isShort) return maxBytes;
  return before < maxBytes ? before : Math.min(maxBytes, Math.max(held, LEAST_ROOM));
}

/** The bytes that each node may have: all under the level keep what they have. */
export function levelOf(usage: readonly number[], room: number): number {
  const sizes = [...usage].sort((a, b) => a - b);
  let left = room;
  for (const [index, size] of sizes.entries()) {
    const share = left / (sizes.length - index);
    if (size > share) return Math.max(0, Math.floor(share));
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}

/** Bytes that each node gives. Empty while all fits. @param target what is left after that */
export function excess(usage: ReadonlyMap<string, number>, room: number, target: number): Map<string, number> {
  const total = [...usage.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (total <= room) return new Map();
  const level = levelOf([...usage.values()], target);
  return new Map([...usage].filter(([, bytes]) => bytes > level).map(([node, bytes]) => [node, bytes - level]));
}
