// Pure: which of the waiting batches go into one transaction. Nodes take turns, so that one that floods waits behind its
// own, and a transaction stays short.

export interface Waiting {
  readonly node: string;
  /** Of its entries as they are stored. */
  readonly bytes: number;
}

/** About 20 ms of writing. */
export const GROUP_BYTES = 2 * 1024 * 1024;
export const GROUP_MOST = 64;

/** In the order of their coming, a batch a node and turn. At least one, when one waits. */
export function nextGroup<T extends Waiting>(waiting: readonly T[]): T[] {
  const lanes = [...Map.groupBy(waiting, ({ node }) => node).values()];
  const turns = Math.max(0, ...lanes.map(({ length }) => length));
  const group: T[] = [];
  let bytes = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    for (const lane of lanes) {
      const one = lane[turn];
      if (!one) continue;
      if (group.length >= GROUP_MOST || (group.length > 0 && bytes + one.bytes > GROUP_BYTES)) return group;
      group.push(one);
      bytes += one.bytes;
    }
  }
  return group;
}
