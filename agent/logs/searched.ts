// Pure: what lines of one container are searched for. A stack's values are forgotten when it is removed, stopped or no longer
// needs them; lines that were written before and are read after that may hold them, and nobody can tell. So they are left out.
import { closed, openly, type Redactor } from '../secrets/redactor.ts';

/** By the second in which a line was written. */
export type LineSearch = (seconds: number) => Redactor;

export class Searched {
  readonly #redactor: () => Redactor;
  #until: number | null | undefined;

  /**
   * @param redactor of the stack as it is now
   * @param until lines up to that time may hold values that nobody knows any more, in milliseconds since 1970; null: there are
   * values, and they are known; undefined: there never were any
   */
  constructor(redactor: () => Redactor, until: number | null | undefined) {
    this.#redactor = redactor;
    this.#until = until;
  }

  /** As it was given, for whoever goes on after us. */
  get until(): number | null | undefined {
    return this.#until;
  }

  /** Of what was read just now; null: there is nothing to look for. */
  look(now: number): LineSearch | null {
    const redactor = this.#redactor();
    if (redactor !== openly) {
      this.#until = null;
      return () => redactor;
    }
    if (this.#until === undefined) return null;
    this.#until ??= now;
    const until = this.#until;
    return (seconds) => (seconds * 1000 <= until ? closed : openly);
  }

  /** @param last time of the last line that was told of, in nanoseconds since 1970 */
  reached(last: string | null): void {
    const isPast = typeof this.#until === 'number' && last !== null && Number(last) / 1e6 - 1000 > this.#until;
    if (isPast) this.#until = undefined;
  }
}
