// Pure: what stands in an enrollment token. Whether it is genuine only the core can say; the agent reads from it whom it
// may trust.
import * as z from 'zod/mini';

const Content = z.object({
  v: z.literal(1),
  id: z.string(),
  url: z.string(),
  /** SHA-256 of the bus authority's certificate (DER), hex. */
  ca: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** Seconds since 1970. */
  exp: z.int(),
  secret: z.string(),
});

export interface TokenContent {
  readonly url: string;
  readonly caFingerprint: string;
  readonly expiresAt: number;
}

const PREFIX = 'ovs_enr_';

/** Null when the text is no enrollment token. */
export function readToken(token: string): TokenContent | null {
  if (!token.startsWith(PREFIX)) return null;
  const [body, signature, ...more] = token.slice(PREFIX.length).split('.');
  if (!body || !signature || more.length > 0) return null;
  try {
    const content = Content.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    return { url: content.url, caFingerprint: content.ca, expiresAt: content.exp * 1000 };
  } catch {
    return null;
  }
}
