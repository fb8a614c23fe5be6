// Writes batches in groups: what comes while one transaction runs goes together into the next, so that a commit is paid
// once for many, and nobody waits for company.
import { OverseerError } from '#subjects/errors.ts';
import type { NewLogEntry } from '../entry.ts';
import { nextGroup, type Waiting } from './group.ts';

interface Held extends Waiting {
  readonly entries: readonly NewLogEntry[];
  readonly done: PromiseWithResolvers<void>;
}

export interface Writer {
  /** Resolves once it is on disk. */
  write(node: string, entries: readonly NewLogEntry[]): Promise<void>;
}

const sizeOf = (entry: NewLogEntry) => (entry.kind === 'chunk' ? entry.data.length : 0);

const isAway = (error: unknown) => error instanceof OverseerError && error.code === 'unavailable';

export function groupWriter(append: (entries: readonly NewLogEntry[]) => Promise<void>): Writer {
  const waiting: Held[] = [];
  let isWriting = false;

  async function writeGroup(group: readonly Held[]): Promise<void> {
    try {
      await append(group.flatMap(({ entries }) => entries));
      for (const { done } of group) done.resolve();
    } catch (error) {
      // One that the database refuses must not fail those that happened to come with it.
      if (group.length > 1 && !isAway(error)) for (const one of group) await writeGroup([one]);
      else for (const { done } of group) done.reject(error);
    }
  }

  async function writeAll(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    try {
      while (waiting.length > 0) {
        const group = nextGroup(waiting);
        for (const one of group) waiting.splice(waiting.indexOf(one), 1);
        await writeGroup(group);
      }
    } finally {
      isWriting = false;
    }
  }

  return {
    write(node, entries) {
      const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
      const done = Promise.withResolvers<void>();
      waiting.push({ node, bytes, entries, done });
      void writeAll();
      return done.promise;
    },
  };
}
