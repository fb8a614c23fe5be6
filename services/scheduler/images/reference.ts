// Pure: names of images by the grammar of the distribution project, with Docker's defaults filled in.

export interface ImageReference {
  /** Host and port as written; `docker.io` unless said. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${PART}(?:/${PART})*$`);
const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const REGISTRY = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?$`);
const TAG = /^\w[\w.-]{0,127}$/;
export const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MAX_NAME = 255;
export const DOCKER_HUB = 'docker.io';

/** The part before the first slash is a registry when it could be no part of a name on Docker Hub. */
function split(name: string): [registry: string, repository: string] {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isRegistry = slash > 0 && (/[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  if (!isRegistry) return [DOCKER_HUB, slash < 0 ? `library/${name}` : name];
  const repository = name.slice(slash + 1);
  const isHub = first === DOCKER_HUB || first === 'index.docker.io';
  if (!isHub) return [first, repository];
  return [DOCKER_HUB, repository.includes('/') ? repository : `library/${repository}`];
}

/** Null when it is no name of an image in a registry. */
export function imageReference(text: string): ImageReference | null {
  const at = text.indexOf('@');
  const digest = at < 0 ? null : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : null;
  const [registry, repository] = split(hasTag ? named.slice(0, colon) : named);
  const isWhole =
    REGISTRY.test(registry) &&
    REPOSITORY.test(repository) &&
    registry.length + repository.length < MAX_NAME &&
    (tag === null || TAG.test(tag)) &&
    (digest === null || DIGEST.test(digest)) &&
    // 64 hexadecimal characters are an image's id.
    !/^[0-9a-f]{64}$/.test(text);
  return isWhole ? { registry, repository, tag, digest } : null;
}

/** `image` as written, with its tag and the digest that the tag stands for. */
export function pinned(image: string, digest: string): string {
  const hasTag = image.lastIndexOf(':') > image.lastIndexOf('/');
  return `${image}${hasTag ? '' : ':latest'}@${digest}`;
}

/** Of a pin of exactly this image; null when it is none. */
export function pinnedDigest(pin: string | undefined, image: string): string | null {
  const at = pin?.lastIndexOf('@') ?? -1;
  if (pin === undefined || at < 0) return null;
  const digest = pin.slice(at + 1);
  return DIGEST.test(digest) && pin === pinned(image, digest) ? digest : null;
}

/** Host and port that are asked. */
export function registryHost(registry: string): string {
  return registry === DOCKER_HUB ? 'registry-1.docker.io' : registry;
}

/** Without TLS: on this machine itself, or where the operator said so. */
export function isInsecure(registry: string, insecure: readonly string[]): boolean {
  const host = registry.replace(/:\d+$/, '');
  return ['localhost', '127.0.0.1', '[::1]'].includes(host) || insecure.includes(registry);
}
