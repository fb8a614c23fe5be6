import type { Gatherer } from './gather.ts';
import type { LogSource, Place } from './source.ts';

/** Reads one container's log. */
export interface Follower {
  readonly source: LogSource;
  /** How far it was read; null before the first row. */
  readonly place: Place | null;
  /** The container is gone, and all that it wrote was read. */
  readonly isDone: boolean;
  /** @returns whether there is more to read at once. @throws when it can't be read just now */
  read(gatherer: Gatherer, now: number): boolean;
  /** Reading pauses. @param isFull because nothing more can be kept */
  watch(isFull: boolean): void;
  started(): void;
  gone(): void;
  close(): void;
}
