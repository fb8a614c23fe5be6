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

export function namedImages(
  stack: Pick<DesiredStack, 'compose' | 'env'> & { pins?: DesiredStack['pins'] },
): NamedImages {
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
    const pin = stack.pins?.[service];
    const image = isMap(body) ? (pin ?? interpolated(body['image'], stack.env)) : null;
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

/** Id of the image that a reference names here; null when it names none, and for digests, which name one for ever. */
export function tagged(reference: string, tags: ReadonlyMap<string, string>): string | null {
  if (reference.includes('@') || reference.startsWith('sha256:')) return null;
  const familiar = reference.replace(/^docker\.io\/(?:library\/)?/, '');
  const hasTag = familiar.slice(familiar.lastIndexOf('/') + 1).includes(':');
  return tags.get(hasTag ? familiar : `${familiar}:latest`) ?? null;
}

/** Images that these versions need, whatever else is thrown away. */
export function imagesOf(stacks: Iterable<Pick<DesiredStack, 'compose' | 'env' | 'pins'>>): Set<string> {
  const named = [...stacks].flatMap((stack) => [
    ...namedImages(stack).images.map(({ image }) => image),
    ...Object.values(stack.pins),
  ]);
  return new Set(named);
}
