// What is inside an age file for a node, beside the value: whom and what it is for. age neither binds associated data nor
// says who sealed, so whoever opens it compares every field with the signed document. Strings can't be wiped, so none is
// made of a value where a buffer does.
import { SecretEnvelope } from '#subjects/schema/secret.ts';
import { seal } from './age.ts';

export interface Audience {
  readonly secret: string;
  readonly version: number;
  readonly node: string;
  readonly stack: string;
}

const FIELDS = ['secret', 'version', 'node', 'stack'] as const;

/** Envelope as bytes, for `seal`. The caller wipes it. */
export function envelopeBytes(audience: Audience, value: Uint8Array): Buffer {
  const { secret, version, node, stack } = audience;
  const head = JSON.stringify({ v: 1, secret, version, node, stack }).slice(0, -1);
  const encoded = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  return Buffer.from(`${head},"value":"${encoded}"}`);
}

export async function sealEnvelope(audience: Audience, value: Uint8Array, recipient: string): Promise<Buffer> {
  const bytes = envelopeBytes(audience, value);
  try {
    return await seal(bytes, [recipient]);
  } finally {
    bytes.fill(0);
  }
}

export type Checked =
  | { readonly ok: true; readonly value: Buffer }
  /** Never holds a part of the value. */
  | { readonly ok: false; readonly reason: string };

/** @param opened what was inside the age file */
export function checkEnvelope(opened: Uint8Array, expected: Audience): Checked {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(opened));
  } catch {
    return { ok: false, reason: 'what is sealed is no envelope' };
  }
  const envelope = SecretEnvelope.safeParse(parsed);
  if (!envelope.success) return { ok: false, reason: 'what is sealed is no envelope' };
  const wrong = FIELDS.find((field) => envelope.data[field] !== expected[field]);
  if (wrong !== undefined) return { ok: false, reason: `it was sealed for another ${wrong}` };
  return { ok: true, value: Buffer.from(envelope.data.value, 'base64') };
}
