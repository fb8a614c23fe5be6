// Pure: what is known of a stack's images, and what follows from what registries say now.
import type { ImageState } from '#subjects/schema/source.ts';
import { imageReference, pinned, pinnedDigest } from './reference.ts';

/** What a registry said of one image, or why it did not. */
export type Told = { readonly digest: string } | { readonly fault: string };

/** Service -> image as written, of those that a registry can be asked about: with a tag, or none, but no digest. */
export function watched(images: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    [...images].filter(([, image]) => {
      const reference = imageReference(image);
      return reference !== null && reference.digest === null;
    }),
  );
}

/** One line a service, in the order of their names. What was not told stays as it was known. */
export function imageStates(
  images: ReadonlyMap<string, string>,
  told: ReadonlyMap<string, Told>,
  pins: Readonly<Record<string, string>>,
  before: readonly ImageState[],
  at: string,
): ImageState[] {
  const known = new Map(before.map((state) => [`${state.service} ${state.image}`, state]));
  return [...images]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, image]) => {
      const earlier = known.get(`${service} ${image}`);
      const now = told.get(image);
      const newest = now && 'digest' in now ? now.digest : (earlier?.newest ?? null);
      return {
        service,
        image,
        pinned: pinnedDigest(pins[service], image),
        newest,
        checkedAt: now ? at : (earlier?.checkedAt ?? null),
        error: now ? ('fault' in now ? now.fault.slice(0, 4096) : null) : (earlier?.error ?? null),
      };
    });
}

/** Pins of what registries named; where one did not answer, the pin of the same image stays. */
export function pinsOf(
  images: ReadonlyMap<string, string>,
  told: ReadonlyMap<string, Told>,
  present: Readonly<Record<string, string>>,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [service, image] of [...images].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const now = told.get(image);
    const digest = now && 'digest' in now ? now.digest : pinnedDigest(present[service], image);
    if (digest !== null) found[service] = pinned(image, digest);
  }
  return found;
}

/**
 * What policy `deploy` takes up: a digest that its tag did not name at the look before, and any for what is not pinned. Of
 * an image that somebody went back to and of which nothing newer is known, the first look only learns it.
 */
export function newsOf(
  images: ReadonlyMap<string, string>,
  told: ReadonlyMap<string, Told>,
  before: readonly ImageState[],
  present: Readonly<Record<string, string>>,
): Map<string, string> {
  const known = new Map(before.map((state) => [`${state.service} ${state.image}`, state.newest]));
  return new Map(
    [...images].filter(([service, image]) => {
      const now = told.get(image);
      if (now === undefined || 'fault' in now) return false;
      if (pinnedDigest(present[service], image) === null) return true;
      const newest = known.get(`${service} ${image}`) ?? null;
      return newest !== null && newest !== now.digest;
    }),
  );
}

/** Of a stack whose images are other ones now by hand: what registries named stays known, so that it is no news. */
export function repinned(before: readonly ImageState[], pins: Readonly<Record<string, string>>): ImageState[] {
  return before.flatMap((state) => {
    const digest = pinnedDigest(pins[state.service], state.image);
    return digest === null ? [] : [{ ...state, pinned: digest }];
  });
}

export interface Moved {
  readonly service: string;
  readonly image: string;
  readonly from: string | null;
  readonly to: string;
}

/** What an operator is to hear of: a tag that stands for another image than before, each digest once. */
export function movedImages(before: readonly ImageState[], after: readonly ImageState[]): Moved[] {
  const known = new Map(before.map((state) => [`${state.service} ${state.image}`, state.newest]));
  return after.flatMap(({ service, image, pinned: from, newest: to }) => {
    const isNews = to !== null && to !== from && known.get(`${service} ${image}`) !== to;
    return isNews ? [{ service, image, from, to }] : [];
  });
}
