// The chain of one partition: each record's hash holds the hash of the one before, so that none can be changed, removed or
// put between without changing all that follow. Agents use it for what they do, the audit service for all it is told.
import { hash } from 'node:crypto';
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

export type Seal = (hash: Uint8Array) => Buffer;

const BLOCK = 64;

/**
 * HMAC-SHA256 of a record's hash: what only the holder of the key can say of it, so that who may write the database can't
 * make one for another record. Put together from plain hashes: `createHmac` makes an object of the key each time, which is
 * half of the time that a million records take.
 * @param key 32 bytes
 */
export function sealer(key: Uint8Array): Seal {
  const padded = (byte: number) => Buffer.alloc(BLOCK, byte).map((pad, at) => pad ^ (key[at] ?? 0));
  const [inner, outer] = [padded(0x36), padded(0x5c)];
  return (hash) => sha256(Buffer.concat([outer, sha256(Buffer.concat([inner, hash]))]));
}
