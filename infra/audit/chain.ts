// The chain of one partition: each record's hash holds the hash of the one before, so that none can be changed, removed or
// put between without changing all that follow. Agents use it for what they do, the audit service for all it is told.
import { createHmac, hash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Stands before the first record of a chain. */
export const NOTHING_BEFORE = Buffer.alloc(32);
/** Of RFC 6962: the hash of a leaf can't be taken for one of an inner node. */
const LEAF = Buffer.from([0x00]);

/** RFC 8785. @throws TypeError when a text in it is no Unicode or a number has no JSON form */
export function canonical(value: object): string {
  return canonicalize(value) as string;
}

/** @returns 32 bytes */
export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

export interface Link {
  /** From 1 without a hole. */
  readonly number: number;
  readonly hash: Buffer;
}

export type LinkHash = (number: number, previous: Uint8Array, body: string) => Buffer;

/**
 * SHA-256 of 0x00, the partition's name, 0x00, the number as 8 bytes (big-endian), the 32 bytes of the hash before and the
 * body as it is kept. A name has no zero byte, so nothing can be moved from one field to the next.
 */
export function linkHash(partition: string): LinkHash {
  const prefix = Buffer.concat([LEAF, Buffer.from(partition), LEAF]);
  return (number, previous, body) => {
    const place = Buffer.allocUnsafe(8);
    place.writeBigUInt64BE(BigInt(number));
    return sha256(Buffer.concat([prefix, place, previous, Buffer.from(body)]));
  };
}

/** What only the holder of the key can say of a hash: who may write the database can't make one for another record. */
export function sealOf(key: Uint8Array, hash: Uint8Array): Buffer {
  return createHmac('sha256', key).update(hash).digest();
}
