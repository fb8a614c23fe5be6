// Pure. The text of an enrollment token: what stands in it and how it is framed. Signing and hashing happen elsewhere.
import * as z from 'zod/mini';
import { Hash, Id } from '#subjects/schema/ids.ts';

const PREFIX = 'ovs_enr_';
const PART = /^[A-Za-z0-9_-]+$/;

const TokenContent = z.strictObject({
  v: z.literal(1),
  id: Id,
  /** Where agents reach the gateway. */
  url: z.string(),
  /** SHA-256 of the bus authority's certificate: the agent pins it. */
  ca: Hash,
  /** Seconds since 1970. */
  exp: z.int(),
  secret: z.string(),
});
export type TokenContent = z.infer<typeof TokenContent>;

export interface TokenText {
  readonly content: TokenContent;
  /** What the signature covers. */
  readonly signed: string;
  /** base64url */
  readonly signature: string;
}

/** The part that is signed. */
export function signedText(content: TokenContent): string {
  return `${PREFIX}${Buffer.from(JSON.stringify(content)).toString('base64url')}`;
}

export function tokenText(signed: string, signature: string): string {
  return `${signed}.${signature}`;
}

/** Null when it is no token of this form. */
export function parseToken(text: string): TokenText | null {
  if (!text.startsWith(PREFIX)) return null;
  const [body = '', signature = '', ...rest] = text.slice(PREFIX.length).split('.');
  if (rest.length > 0 || !PART.test(body) || !PART.test(signature)) return null;
  try {
    const parsed = TokenContent.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    return parsed.success ? { content: parsed.data, signed: `${PREFIX}${body}`, signature } : null;
  } catch {
    return null;
  }
}
