// Hashes by which equal things are known as equal: SHA-256 over canonical JSON.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { SourceText } from './sources/decisions.ts';
import type { Content, Resolution } from './specification.ts';

function sha256(value: unknown): string {
  return createHash('sha256')
    .update(canonicalize(value) as string)
    .digest('hex');
}

/** Of a revision. */
export function contentHash(content: Content): string {
  return sha256(content);
}

/** Of what a source said, whatever the stack makes of it. */
export function sourceHash({ compose, files, env }: SourceText): string {
  return sha256({ compose, files, env });
}

/** Of a stack as a node runs it: the same revision stopped, or with a new secret, is another thing to do. */
export function stackHash(content: string, state: string, resolution: Resolution): string {
  return sha256({ content, state, resolution });
}

export function isSame(a: unknown, b: unknown): boolean {
  return canonicalize(a) === canonicalize(b);
}
