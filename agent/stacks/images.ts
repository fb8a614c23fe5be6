// Pure: which images a stack's compose text names, as far as it can be told without asking Compose. When it can't be
// told, `isCertain` is false and Compose decides itself when it brings the stack up.
import { parse } from 'yaml';
import type { DesiredStack } from '#subjects/schema/desired.ts';

export interface NamedImage {
  readonly service: string;
  readonly image: string;
  readonly policy: string | null;
}

export interface NamedImages {
  readonly images: readonly NamedImage[];
  readonly isCertain: boolean;
}

const UNKNOWN: NamedImages = { images: [], isCertain: false };
/** What changes services from outside this text, or makes images here. */
const BEYOND_THIS_TEXT = ['extends', 'build', 'profiles', 'provider'];

export function namedImages(stack: Pick<DesiredStack, 'compose' | 'env'>): NamedImages {
  let root: unknown;
  try {
    root = parse(stack.compose, { merge: true, maxAliasCount: 100, logLevel: 'error' });
  } catch {
    return UNKNOWN;
  }
  if (!isMap(root) || 'include' in root || !isMap(root['services'])) return UNKNOWN;
  const images: NamedImage[] = [];
  let isCertain = true;
  for (const [service, body] of Object.entries(root['services'])) {
    const image = isMap(body) ? interpolated(body['image'], stack.env) : null;
    if (!isMap(body) || image === null || BEYOND_THIS_TEXT.some((key) => key in body)) isCertain = false;
    else images.push({ service, image, policy: typeof body['pull_policy'] === 'string' ? body['pull_policy'] : null });
  }
  return { images, isCertain };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Plain `$NAME` and `${NAME}` only; null when Compose's richer forms are used or the value is not set here. */
function interpolated(value: unknown, env: Readonly<Record<string, string>>): string | null {
  if (typeof value !== 'string') return null;
  let isPlain = true;
  const text = value.replace(/\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g, (_, braced: string, bare: string) => {
    const found = env[braced ?? bare];
    if (found === undefined) isPlain = false;
    return found ?? '';
  });
  return isPlain && !text.includes('$') && text !== '' ? text : null;
}
