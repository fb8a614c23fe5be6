// Pure: which entries were seen already, when the engine is asked again for what was written lately. Streams are not in order
// among each other, and parts of a line have one time: so an entry is known by its time, its stream, and which of those it is.
import { nanoseconds } from './chunk.ts';
import type { LogEntry } from './frames.ts';

/** An exact place would lose what stands out of order. */
const LATELY_NANOS = 2_000_000_000n;
/** Of times; beyond that the engine is asked for less. */
const MOST = 2_000;

const keyOf = ({ isError, seconds, nanos }: LogEntry) => `${nanoseconds(seconds, nanos)}${isError ? 'e' : 'o'}`;
const timeOf = (key: string) => BigInt(key.slice(0, -1));

export class Seen {
  /** In the order they came first. */
  readonly #counts = new Map<string, number>();
  #again = new Map<string, number>();
  #before: ReadonlyMap<string, number> = new Map();
  #latest: bigint | null = null;
  #isMet = false;

  /** @param text as `written` gave it */
  constructor(text = '') {
    for (const pair of text === '' ? [] : text.split(' ')) {
      const [key = '', count] = pair.split('=');
      this.#counts.set(key, Number(count ?? 1));
      this.#note(timeOf(key));
    }
  }

  /** From when on the engine is to be asked; null: from the begin. It is then told all of that once more. */
  askAgain(): string | null {
    this.#before = new Map(this.#counts);
    this.#again = new Map();
    this.#isMet = this.#before.size === 0;
    if (this.#latest === null) return null;
    const oldest = [...this.#counts.keys()].map(timeOf).reduce((least, time) => (time < least ? time : least));
    return String(oldest);
  }

  /** @returns whether it is new. `isTorn`: nothing of what was seen came before it, so something may be missing */
  take(entry: LogEntry): { readonly isNew: boolean; readonly isTorn: boolean } {
    const key = keyOf(entry);
    const again = (this.#again.get(key) ?? 0) + 1;
    const before = this.#before.get(key) ?? 0;
    if (before > 0) this.#again.set(key, again);
    if (again <= before) {
      this.#isMet = true;
      return { isNew: false, isTorn: false };
    }
    const isTorn = !this.#isMet;
    this.#isMet = true;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#note(timeOf(key));
    this.#forget();
    return { isNew: true, isTorn };
  }

  #note(time: bigint): void {
    if (this.#latest === null || time > this.#latest) this.#latest = time;
  }

  #forget(): void {
    for (const key of this.#counts.keys()) {
      const isOld = this.#latest !== null && timeOf(key) < this.#latest - LATELY_NANOS;
      if (!isOld && this.#counts.size <= MOST) return;
      this.#counts.delete(key);
    }
  }

  written(): string {
    return [...this.#counts].map(([key, count]) => (count === 1 ? key : `${key}=${count}`)).join(' ');
  }
}
