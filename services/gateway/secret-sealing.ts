// A new value of a secret is sealed here, in memory, before anything goes on the bus. From then on there is only the age
// file. The buffers are wiped; the text of the HTTP body can't be, it goes with the request.

import type * as z from 'zod/mini';
import { seal } from '#infra/sealing/age.ts';
import { sealEnvelope } from '#infra/sealing/envelope.ts';
import { OverseerError } from '#subjects/errors.ts';
import { SECRET_FOUND_FROM_BYTES, SECRET_MAX_BYTES } from '#subjects/limits.ts';
import type { PutSecret, SecretBody, SecretRecipients } from '#subjects/schema/secret.ts';

/** @throws OverseerError `too-large` without a part of the value */
export function secretBytes({ value, base64 }: z.infer<typeof SecretBody>): Buffer {
  const bytes = value === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(value);
  if (bytes.length <= SECRET_MAX_BYTES) return bytes;
  bytes.fill(0);
  throw new OverseerError('too-large', `a secret may have ${SECRET_MAX_BYTES} bytes`, {
    fields: { limit: SECRET_MAX_BYTES, actual: bytes.length },
  });
}

/** Here alone the value is seen. */
export function warningsOf(name: string, value: Buffer): string[] {
  if (value.length >= SECRET_FOUND_FROM_BYTES) return [];
  return [`${name} is too short to be taken out of what tools and containers print: use at least 4 characters`];
}

type Sealed = Pick<PutSecret, 'version' | 'sealed' | 'nodes'>;

export async function sealedFor(name: string, value: Buffer, to: SecretRecipients): Promise<Sealed> {
  const { version } = to;
  const nodes: PutSecret['nodes'] = [];
  for (const { node, stack, recipient } of to.nodes) {
    // A recipient that is none leaves its node waiting, and holds up nobody else.
    const sealed = await sealEnvelope({ secret: name, version, node, stack }, value, recipient).catch(() => null);
    if (sealed) nodes.push({ node, stack, sealed: sealed.toString('base64') });
  }
  return { version, sealed: (await seal(value, to.core)).toString('base64'), nodes };
}
