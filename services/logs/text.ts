// The text of a chunk, packed as it is stored.
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { decodeLines, type EncodedLine } from '#subjects/schema/log-lines.ts';

/** The fastest level that finds repetition: lines of logs become a fifth, and higher levels gain little for their time. */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export interface PackedText {
  readonly textBytes: number;
  readonly data: Uint8Array;
}

export function packText(text: string): PackedText {
  const bytes = Buffer.from(text);
  return { textBytes: bytes.length, data: zstdCompressSync(bytes, LEVEL) };
}

interface Held {
  readonly from: bigint;
  readonly to: bigint;
  readonly textBytes: number;
}

/**
 * Null when its text is none of ours. A time outside of what the chunk says of itself is moved within: pages rest on that
 * when they are put in order.
 */
export function unpackLines({ from, to, textBytes }: Held, data: Uint8Array): EncodedLine[] | null {
  let text: string;
  try {
    text = zstdDecompressSync(data, { maxOutputLength: Math.max(1, textBytes) }).toString();
  } catch {
    return null;
  }
  const lines = decodeLines(from, text);
  if (lines === null) return null;
  return lines.map((line) => (line.at < from ? { ...line, at: from } : line.at > to ? { ...line, at: to } : line));
}
