// A wait that can be cut short: whoever has something new rings.

export class Bell {
  #hasRung = false;
  #wake: (() => void) | null = null;

  /** Ends the wait, or the next one when nobody waits. */
  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  async wait(milliseconds: number): Promise<void> {
    if (!this.#hasRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    this.#hasRung = false;
  }
}
