// Pure: which images nothing on the node needs, and when the daily look for them is due.
import type { PruneImages } from '#subjects/schema/action.ts';

export interface ImageOnNode {
  readonly id: string;
  /** Tags and digests by which it can be named. */
  readonly names: readonly string[];
  readonly bytes: number;
  /** Made, fetched or named last: milliseconds since 1970. */
  readonly freshAt: number;
}

/** A deployment that is under way may have fetched it a moment ago. */
const YOUNG_MS = 3600_000;
const DAY_MS = 24 * 3600_000;
/** After its start the node has stacks to look after first. */
const AFTER_START_MS = 10 * 60_000;

/** @param needed ids that containers, desired stacks or their last good versions need */
export function unneededImages(
  images: readonly ImageOnNode[],
  needed: ReadonlySet<string>,
  kind: PruneImages,
  now: number,
): ImageOnNode[] {
  return images.filter(
    ({ id, names, freshAt }) =>
      !needed.has(id) && now - freshAt >= YOUNG_MS && (kind === 'unused' || names.length === 0),
  );
}

/** Each node has its own time of day, so that not all of them are busy at once. */
export function nextPruneAt(node: string, now: number, startedAt: number): number {
  let share = 0;
  for (const character of node) share = (share * 31 + character.charCodeAt(0)) % DAY_MS;
  const earliest = Math.max(now + 1, startedAt + AFTER_START_MS);
  const today = earliest - (earliest % DAY_MS) + share;
  return today >= earliest ? today : today + DAY_MS;
}
