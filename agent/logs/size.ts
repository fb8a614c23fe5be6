// Pure: how much is gathered into one batch, so that it is about as large on the wire as it should be: how well lines pack is
// only seen when they are packed.

/** Of one message, packed; twice as much is refused by the stream. */
const WANTED_BYTES = 64 * 1024;
/** Lines as most are, packed, are about as much as is wanted then. More only takes memory here and at the other end. */
const MOST_CHARACTERS = 384 * 1024;
const LEAST_CHARACTERS = 16 * 1024;
const GROWTH = 1.1;

export class BatchSize {
  #characters = MOST_CHARACTERS / 2;

  /** Characters of text that are enough. */
  get enough(): number {
    return this.#characters;
  }

  wasTaken(): void {
    this.#characters = Math.min(MOST_CHARACTERS, this.#characters * GROWTH);
  }

  /** @param actual and packed, in bytes */
  wasTooLarge(actual: number, packed: number): void {
    const fitting = Math.floor((this.#characters * WANTED_BYTES) / Math.max(packed, actual / 16, 1));
    this.#characters = Math.max(LEAST_CHARACTERS, Math.min(this.#characters / 2, fitting));
  }
}
