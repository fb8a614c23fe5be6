// A desired document on the wire: 64 bytes of signature, then the gzip of its canonical JSON. The signature covers the
// compressed bytes, so it is checked before anything is unpacked.
import { createHash, type KeyObject } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import canonicalize from 'canonicalize';
import { OverseerError } from '#subjects/errors.ts';
import { DESIRED_MAX_BYTES, DESIRED_MAX_UNPACKED_BYTES } from '#subjects/limits.ts';
import { DesiredDocument } from '#subjects/schema/desired.ts';
import { isSignedBy, signBytes } from './ed25519.ts';

const SIGNATURE_BYTES = 64;

export interface SealedDocument {
  readonly payload: Buffer;
  /** SHA-256 of the payload, hex: the same on both ends. */
  readonly hash: string;
}

export function documentHash(payload: Uint8Array): string {
  return createHash('sha256').update(payload).digest('hex');
}

/** @throws OverseerError `document-too-large` with fields limit and actual, in bytes */
export function sealDocument(document: DesiredDocument, key: KeyObject): SealedDocument {
  const packed = gzipSync(canonicalize(document) as string);
  const payload = Buffer.concat([signBytes('document', packed, key), packed]);
  if (payload.length > DESIRED_MAX_BYTES) {
    throw new OverseerError('document-too-large', `the node's document would have ${payload.length} bytes`, {
      fields: { limit: DESIRED_MAX_BYTES, actual: payload.length },
    });
  }
  return { payload, hash: documentHash(payload) };
}

export type Opened =
  | { readonly ok: true; readonly document: DesiredDocument; readonly hash: string }
  | { readonly ok: false; readonly reason: string };

/** Checks size and signature before it unpacks, schema after. Never throws on hostile bytes. */
export function openDocument(payload: Uint8Array, signer: KeyObject): Opened {
  if (payload.length > DESIRED_MAX_BYTES) return { ok: false, reason: 'larger than a document may be' };
  const signature = payload.subarray(0, SIGNATURE_BYTES);
  const packed = payload.subarray(SIGNATURE_BYTES);
  if (!isSignedBy('document', packed, signature, signer)) return { ok: false, reason: 'not signed by the pinned key' };
  let content: unknown;
  try {
    content = JSON.parse(gunzipSync(packed, { maxOutputLength: DESIRED_MAX_UNPACKED_BYTES }).toString());
  } catch (error) {
    return { ok: false, reason: `can't be unpacked: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = DesiredDocument.safeParse(content);
  if (!parsed.success) return { ok: false, reason: `does not match its schema: ${parsed.error.issues[0]?.message}` };
  return { ok: true, document: parsed.data, hash: documentHash(payload) };
}
