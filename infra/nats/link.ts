// Whether there is a connection just now. What is sent while there is none is lost without a word, so callers are told at
// once, and those who wait for an answer when it breaks are told then.
import { OverseerError } from '#subjects/errors.ts';

const away = () => new OverseerError('unavailable', 'not connected to the bus');

export class Link {
  #isConnected = true;
  readonly #waiting = new Set<() => void>();
  readonly #restored = new Set<() => void>();

  get isConnected(): boolean {
    return this.#isConnected;
  }

  restored(): void {
    this.#isConnected = true;
    for (const restored of this.#restored) restored();
  }

  /** @returns what ends it */
  onRestored(handle: () => void): () => void {
    this.#restored.add(handle);
    return () => this.#restored.delete(handle);
  }

  lost(): void {
    this.#isConnected = false;
    for (const fail of this.#waiting) fail();
    this.#waiting.clear();
  }

  /** @throws OverseerError `unavailable` when there is no connection, or when it breaks before the answer */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isConnected) throw away();
    const broken = Promise.withResolvers<never>();
    const fail = () => broken.reject(away());
    this.#waiting.add(fail);
    try {
      return await Promise.race([work(), broken.promise]);
    } finally {
      this.#waiting.delete(fail);
    }
  }
}
