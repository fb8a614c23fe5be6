// Pure: what is sealed for many nodes, in parts that each fit into a message of the bus.

import type * as z from 'zod/mini';
import type { SealedForNode } from '#subjects/schema/secret.ts';

type ForNode = z.infer<typeof SealedForNode>;

/** Half of a message. */
const PART_BYTES = 512 * 1024;
/** As many as one request takes. */
const PART_NODES = 1000;

/** @param taken bytes of the first part that something else needs. @returns at least one part */
export function inParts(nodes: readonly ForNode[], taken = 0): ForNode[][] {
  const parts: ForNode[][] = [[]];
  let room = PART_BYTES - taken;
  for (const one of nodes) {
    const part = parts.at(-1) as ForNode[];
    if (one.sealed.length <= room && part.length < PART_NODES) part.push(one);
    else {
      parts.push([one]);
      room = PART_BYTES;
    }
    room -= one.sealed.length;
  }
  return parts;
}
