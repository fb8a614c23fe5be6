// Pure: the nodes of one stack, with as much of what each says as one answer holds. Every node stays; differences are the
// first to go, from all nodes alike, and each node says how many went: its own status has them all.
import type { StackOnNode } from '#subjects/schema/stack.ts';
import { bytesOf } from './cursor.ts';

/** As JSON: packed it is a fraction of a message, also where digests are most of it. */
const NODES_BYTES = 3 * 1024 * 1024;
/** Differences that stay of each node, the mildest first. */
const MOST = [20, 5, 1, 0] as const;
const REASON_CHARACTERS = 200;

function cut({ reason, drift, ...node }: StackOnNode, most: number): StackOnNode {
  const left = drift.length - most;
  if (left <= 0) return { ...node, reason, drift };
  const said = reason === null ? '' : `${reason}; `;
  return { ...node, reason: `${said}${left} of its differences are left out here`, drift: drift.slice(0, most) };
}

export function lightened(nodes: readonly StackOnNode[], room = NODES_BYTES): StackOnNode[] {
  const fits = (some: readonly StackOnNode[]) => bytesOf(some) <= room;
  if (fits(nodes)) return [...nodes];
  for (const most of MOST) {
    const some = nodes.map((node) => cut(node, most));
    if (fits(some)) return some;
  }
  return nodes.map((node) => {
    const { reason, ...bare } = cut(node, 0);
    return { ...bare, reason: reason === null ? null : reason.slice(-REASON_CHARACTERS) };
  });
}
