// Pure: what stands in an enrollment token. Whether it is genuine only the core can say; the agent reads from it whom it
// may trust.
import * as z from 'zod/mini';

const Content = z.object({
  v: z.literal(1),
  id: z.string(),
  url: z.string(),
  /** SHA-256 of the bus authority's certificate (DER), hex. */
  ca: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  exp: z.union([z.number(), z.string()]),
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
    return { url: content.url, caFingerprint: content.ca, expiresAt: instantOf(content.exp) };
  } catch {
    return null;
  }
}

/** Seconds or milliseconds since 1970, or an ISO time. */
function instantOf(exp: number | string): number {
  if (typeof exp === 'string') return Date.parse(exp);
  return exp < 1e11 ? exp * 1000 : exp;
}
