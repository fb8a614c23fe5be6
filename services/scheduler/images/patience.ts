// Which images need not be asked about just now: one whose registry does not answer waits, longer each time, and no other
// of its stack with it. Kept in memory: a scheduler that starts anew asks once.
import { pauseAfter } from '../sources/decisions.ts';
import { imageReference } from './reference.ts';

export interface Patience {
  isDue(image: string): boolean;
  answered(image: string): void;
  /** @param retrySeconds what its registry asked for, which counts for all of its images */
  failed(image: string, registry: string, retrySeconds: number | null): void;
}

interface Wait {
  readonly failures: number;
  readonly until: number;
}

/** An image that nobody asked about for so long is of no stack any more. */
const FORGOTTEN_MS = 24 * 3600 * 1000;

export function newPatience(now: () => Date): Patience {
  const images = new Map<string, Wait>();
  const registries = new Map<string, number>();
  return {
    isDue(image) {
      const at = now().getTime();
      const until = registries.get(imageReference(image)?.registry ?? '') ?? 0;
      return until <= at && (images.get(image)?.until ?? 0) <= at;
    },
    answered(image) {
      images.delete(image);
    },
    failed(image, registry, retrySeconds) {
      const at = now().getTime();
      for (const [one, { until }] of images) if (until + FORGOTTEN_MS < at) images.delete(one);
      const failures = (images.get(image)?.failures ?? 0) + 1;
      images.set(image, { failures, until: at + pauseAfter(failures) * 1000 });
      if (retrySeconds !== null) registries.set(registry, at + retrySeconds * 1000);
    },
  };
}
