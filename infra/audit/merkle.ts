// The root of a list of leaves as RFC 6962 has it: pairs are hashed with 0x01 before them, one that has no partner moves up
// as it is.
import { sha256 } from './chain.ts';

const NODE = Buffer.from([0x01]);

/** @param leaves 32 bytes each; the root of none is the hash of nothing */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  let level = leaves;
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at] as Buffer, level[at + 1]];
      above.push(right === undefined ? left : sha256(Buffer.concat([NODE, left, right])));
    }
    level = above;
  }
  return level[0] ?? sha256(Buffer.alloc(0));
}
