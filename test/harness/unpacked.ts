// Messages as they are meant: desired documents are gzip behind a signature, large bodies are zstd.
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

const PACKINGS = [
  { magic: Buffer.from([0x1f, 0x8b, 0x08]), unpack: gunzipSync },
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), unpack: zstdDecompressSync },
] as const;

export function unpacked(payload: Uint8Array): string {
  const bytes = Buffer.from(payload);
  for (const { magic, unpack } of PACKINGS) {
    const at = bytes.indexOf(magic);
    if (at < 0) continue;
    try {
      return `${bytes.subarray(0, at).toString('latin1')}${unpack(bytes.subarray(at)).toString('latin1')}`;
    } catch {
      // Those bytes stood there by chance.
    }
  }
  return bytes.toString('latin1');
}
