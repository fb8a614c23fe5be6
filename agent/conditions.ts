// What is wrong with this node as a whole, and since when.
import type { Condition } from '#subjects/schema/report.ts';

export class Conditions {
  readonly #now: () => number;
  readonly #onChange: () => void;
  readonly #held = new Map<Condition['type'], Condition>();

  constructor(now: () => number, onChange: () => void) {
    this.#now = now;
    this.#onChange = onChange;
  }

  set(type: Condition['type'], status: boolean, reason: string): void {
    const before = this.#held.get(type);
    if (before === undefined ? !status : before.status === status && before.reason === reason) return;
    const since = before?.status === status ? before.since : new Date(this.#now()).toISOString();
    this.#held.set(type, { type, status, reason: reason.slice(0, 4096), since });
    this.#onChange();
  }

  /** Those that hold. */
  list(): Condition[] {
    return [...this.#held.values()].filter(({ status }) => status);
  }
}
