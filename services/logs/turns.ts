// So many at a time; the others wait for their turn, and too many are sent away.
import { OverseerError } from '#subjects/errors.ts';

/** @throws OverseerError `rate-limited` when `most` are waiting already */
export function turns(atOnce: number, most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnce) {
      if (waiting.length >= most) throw new OverseerError('rate-limited', 'too many searches are waiting');
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place is handed on, so that nobody comes in between.
      if (next) next();
      else running -= 1;
    }
  };
}
