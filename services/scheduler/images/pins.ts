// Which images a stack's tags stand for at this moment.
import { type ComposeModel, imagesOf } from '#infra/compose/model.ts';
import type { ImagePolicy, ImageState } from '#subjects/schema/source.ts';
import type { OpenCredential } from '../sources/fetch.ts';
import { imageStates, pinsOf, type Told, watched } from './image-state.ts';
import type { Patience } from './patience.ts';
import { type ImageReference, imageReference } from './reference.ts';
import { type Registries, RegistryFault } from './registry.ts';

export interface ImageParts {
  readonly registries: Registries;
  readonly credential: OpenCredential;
  readonly patience: Patience;
  now(): Date;
}

export interface Present {
  readonly pins: Readonly<Record<string, string>>;
  readonly images: readonly ImageState[];
}

export interface ResolvedImages {
  /** Service -> image with digest, for `Resolution.pins`. */
  readonly pins: Readonly<Record<string, string>>;
  readonly images: ImageState[];
  readonly warnings: readonly string[];
}

export const NO_IMAGES: ResolvedImages = { pins: {}, images: [], warnings: [] };
/** A stack with more images than this is asked about a few at a time, as any other. */
const AT_ONCE = 4;

/** Images that a registry can be asked about: none that is built or brought to the nodes by hand. */
export function pullable(model: ComposeModel): Map<string, string> {
  const own = Object.entries(model.services).filter(
    ([, service]) => service['build'] != null || ['never', 'build'].includes(service.pull_policy ?? ''),
  );
  const images = watched(imagesOf(model));
  for (const [service] of own) images.delete(service);
  return images;
}

/** Of an image that is watched, so that it is one. */
function referenceOf(image: string): ImageReference {
  return imageReference(image) as ImageReference;
}

/**
 * Host -> its own login; null when it has one that is not to be had. Whoever can name an image could otherwise have any
 * login shown to a host of theirs.
 */
async function openedFor(
  { credential }: ImageParts,
  hosts: ReadonlySet<string>,
  { credentials = {} }: ImagePolicy,
): Promise<ReadonlyMap<string, Buffer | null>> {
  const opened = new Map<string, Buffer | null>();
  for (const [host, secret] of Object.entries(credentials))
    if (hosts.has(host)) opened.set(host, await credential(secret));
  return opened;
}

/** Image -> what its registry says, each asked once. @param signal ends the asking; what was not told by then is a fault */
export async function askRegistries(
  parts: ImageParts,
  images: Iterable<string>,
  policy: ImagePolicy,
  signal?: AbortSignal,
): Promise<Map<string, Told>> {
  const told = new Map<string, Told>();
  const waiting = [...new Set(images)];
  const hosts = new Set(waiting.map((image) => referenceOf(image).registry));
  const credentials = await openedFor(parts, hosts, policy);
  const work = async () => {
    for (let image = waiting.shift(); image !== undefined; image = waiting.shift()) {
      const reference = referenceOf(image);
      const { registry } = reference;
      try {
        told.set(image, {
          digest: await parts.registries.digestOf(reference, credentials.get(registry) ?? null, signal),
        });
        parts.patience.answered(image);
      } catch (error) {
        if (!(error instanceof RegistryFault)) throw error;
        const isLost = credentials.get(registry) === null;
        const more = isLost
          ? ` (the credential "${policy.credentials?.[registry]}" is not to be had on this core)`
          : '';
        told.set(image, { fault: `${error.message}${more}` });
        parts.patience.failed(image, registry, error.retrySeconds);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    for (const value of credentials.values()) value?.fill(0);
  }
  return told;
}

/** Never fails for a registry: a service whose tag nobody can tell stays as it is pinned, or unpinned, with a warning. */
export async function resolvePins(
  parts: ImageParts,
  model: ComposeModel | null,
  policy: ImagePolicy | null,
  present: Present = { pins: {}, images: [] },
  signal?: AbortSignal,
): Promise<ResolvedImages> {
  if (policy === null || policy.policy === 'off') return NO_IMAGES;
  if (model === null) {
    const warnings = ['images are not pinned: there is no `docker compose` on the core to tell which they are'];
    return { ...NO_IMAGES, warnings };
  }
  const images = pullable(model);
  const told = await askRegistries(parts, images.values(), policy, signal);
  const pins = pinsOf(images, told, present.pins);
  const states = imageStates(images, told, pins, present.images, parts.now().toISOString());
  const warnings = states.flatMap(({ service, image, pinned, error }) =>
    error === null
      ? []
      : [`${service}: ${image} ${pinned === null ? 'is not pinned' : 'stays as it is pinned'}: ${error}`],
  );
  return { pins, images: states, warnings };
}
