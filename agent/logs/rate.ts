// Pure: how many lines a stack may have. It goes by the time that stands in the line, not by when it is read: what was
// written slowly is never too much, however fast it is read after an outage, and reading again decides the same.

const WINDOW_SECONDS = 5;
/** More than an hour of windows; a clock that jumps about must not fill our memory. */
const MOST_WINDOWS = 1_000;

export class LineRate {
  #perWindow: number;
  readonly #counts = new Map<number, number>();
  #window = Number.NaN;
  #count = 0;

  constructor(linesPerSecond: number) {
    this.#perWindow = linesPerSecond * WINDOW_SECONDS;
  }

  set linesPerSecond(value: number) {
    this.#perWindow = value * WINDOW_SECONDS;
  }

  /** @param seconds the line's own time. @returns whether it may go; then it is counted */
  takes(seconds: number): boolean {
    const window = Math.floor(seconds / WINDOW_SECONDS);
    if (window !== this.#window) this.#turnTo(window);
    if (this.#count >= this.#perWindow) return false;
    this.#count += 1;
    return true;
  }

  #turnTo(window: number): void {
    if (!Number.isNaN(this.#window)) this.#counts.set(this.#window, this.#count);
    this.#window = window;
    this.#count = this.#counts.get(window) ?? 0;
    this.#counts.delete(window);
    if (this.#counts.size > MOST_WINDOWS) {
      const oldest = this.#counts.keys().next().value;
      if (oldest !== undefined) this.#counts.delete(oldest);
    }
  }
}
