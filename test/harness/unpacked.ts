// Messages as they are meant: desired documents are gzip behind a signature; whatever else is packed is found the same way.
import { gunzipSync } from 'node:zlib';

export function unpacked(payload: Uint8Array): string {
  const bytes = Buffer.from(payload);
  const at = bytes.indexOf(Buffer.from([0x1f, 0x8b, 0x08]));
  if (at < 0) return bytes.toString('latin1');
  try {
    return `${bytes.subarray(0, at).toString('latin1')}${gunzipSync(bytes.subarray(at)).toString('latin1')}`;
  } catch {
    return bytes.toString('latin1');
  }
}
