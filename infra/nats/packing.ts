// Large bodies travel as zstd: a message of the bus has a ceiling, and JSON is mostly repetition. Who unpacks trusts nobody:
// the size is told first and judged first, and the inflating stops there.
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { OverseerError } from '#subjects/errors.ts';
import type { Room } from './room.ts';

/** Below that a body is small beside a message's ceiling, and people read it with the tools of the bus. */
export const PACKED_FROM_BYTES = 32 * 1024;
const ENCODING = 'zstd';

/** How a payload is packed, as its headers tell it. */
export interface Packing {
  readonly encoding: string;
  /** Bytes of the body it holds; null when that is no number. */
  readonly size: number | null;
}

export interface Packed {
  readonly payload: Uint8Array;
  /** Null: it is as it was. */
  readonly packing: { readonly encoding: string; readonly size: number } | null;
}

function tooLarge(what: string, sizes: { limit: number; actual: number; compressed?: number }): OverseerError {
  const { limit, actual, compressed } = sizes;
  const packed = compressed === undefined ? '' : `, ${compressed} compressed`;
  return new OverseerError('too-large', `${what} has ${actual} bytes${packed}; it may have ${limit}`, {
    fields: sizes,
  });
}

/** @throws OverseerError `too-large` with fields limit, actual and, where that is what counts, compressed, in bytes */
export function pack(what: string, text: string, room: Room): Packed {
  const bytes = Buffer.from(text);
  const actual = bytes.length;
  const limit = room.unpacked ?? room.wire;
  if (actual > limit) throw tooLarge(what, { limit, actual });
  if (room.unpacked === null || actual < PACKED_FROM_BYTES) return { payload: bytes, packing: null };
  const packed = zstdCompressSync(bytes);
  if (packed.length >= actual && actual <= room.wire) return { payload: bytes, packing: null };
  if (packed.length > room.wire) throw tooLarge(what, { limit: room.wire, actual, compressed: packed.length });
  return { payload: packed, packing: { encoding: ENCODING, size: actual } };
}

export type Unpacked =
  | { readonly ok: true; readonly payload: Uint8Array }
  | { readonly ok: false; readonly reason: string };

/** Never throws on hostile bytes. */
export function unpack(payload: Uint8Array, { encoding, size }: Packing, room: Room): Unpacked {
  const refused = (reason: string): Unpacked => ({ ok: false, reason });
  if (room.unpacked === null) return refused('may not be packed');
  if (encoding !== ENCODING) return refused('packed in an unknown way');
  if (size === null || size === 0) return refused('packed without its size');
  if (size > room.unpacked) return refused('larger than it may be when unpacked');
  try {
    const found = zstdDecompressSync(payload, { maxOutputLength: size });
    return found.length === size ? { ok: true, payload: found } : refused('not of the size it tells');
  } catch {
    return refused('can not be unpacked to the size it tells');
  }
}
