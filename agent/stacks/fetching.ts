// Fetching images gives tags other images. That is no change by hand, for none of the stacks that name them: while it is
// under way their tags are not looked at, and afterwards what they name is noted. Containers keep the image they have.
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { namedImages } from './images.ts';
import type { Ledger } from './ledger.ts';
import type { StackRuntime, StepResult } from './runtime.ts';

export interface Fetching {
  /** Work that may fetch the stack's images. */
  during(target: DesiredStack, work: () => Promise<StepResult>): Promise<StepResult>;
  isUnderWay(image: string): boolean;
}

export function fetching(ledger: Ledger, runtime: Pick<StackRuntime, 'observe'>): Fetching {
  const underWay = new Map<string, number>();
  const count = (images: ReadonlySet<string>, by: number) => {
    for (const image of images) underWay.set(image, (underWay.get(image) ?? 0) + by);
  };

  function imagesOf(target: DesiredStack): Set<string> {
    const before = Object.values(ledger.find(target.name)?.applied ?? {}).map(({ image }) => image);
    return new Set([...before, ...namedImages(target).images.map(({ image }) => image)]);
  }

  return {
    isUnderWay: (image) => (underWay.get(image) ?? 0) > 0,
    async during(target, work) {
      const images = imagesOf(target);
      count(images, 1);
      try {
        const result = await work();
        // Even after a failure: some may have arrived. An engine that is away just now changes nothing of what was done.
        const seen = await runtime.observe({ images: [], stacks: [] }).catch(() => null);
        if (seen !== null) ledger.fetched(images, seen.containers);
        return result;
      } finally {
        count(images, -1);
      }
    },
  };
}
