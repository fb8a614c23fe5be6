// Who waits until a stack's logs were read to their end. Not for long: what waits is a change of the stack.

/** Longer than a look at all logs takes while nothing is behind. */
const CAUGHT_UP_MS = 2_000;

interface Waiter {
  readonly stack: string;
  readonly done: () => void;
  readonly timer: NodeJS.Timeout;
}

export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /** Resolves after a look that began later and left nothing of the stack unread. */
  caughtUp(stack: string): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(waiter.timer);
        this.#waiting.delete(waiter);
        resolve();
      };
      const waiter: Waiter = { stack, done, timer: setTimeout(() => done(), CAUGHT_UP_MS) };
      this.#waiting.add(waiter);
    });
  }

  /** A look begins. @returns to be called at its end, with the stacks of which something is left */
  begin(): (behind: ReadonlySet<string>) => void {
    const there = [...this.#waiting];
    return (behind) => {
      for (const { stack, done } of there) if (!behind.has(stack)) done();
    };
  }

  stop(): void {
    for (const { done } of [...this.#waiting]) done();
  }
}
