// Pure: who gives room when there is too little. All get the same share; what a node does not use of its own is shared by
// the others. So a node below its share never loses a line to another's flood.

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
