// What the document says of each stack's logs, and what is counted for the stack as a whole.
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import { LineRate } from './rate.ts';
import { type StackLogs, stackLogs } from './source.ts';

export interface FollowedStack {
  readonly name: string;
  /** The same object as long as nothing of it changes. */
  logs: StackLogs;
  readonly rate: LineRate;
}

export interface FollowedStacks {
  /** Null: no stack of the document. One that is being removed stays what it was: its last lines are read. */
  find(name: string): FollowedStack | null;
}

export function followedStacks(document: () => DesiredDocument | null): FollowedStacks {
  const known = new Map<string, FollowedStack>();
  let looked: DesiredDocument | null = null;

  function refresh(current: DesiredDocument): void {
    looked = current;
    for (const stack of current.stacks) {
      const logs = stackLogs(stack);
      const before = known.get(stack.name);
      if (before === undefined) {
        known.set(stack.name, { name: stack.name, logs, rate: new LineRate(logs.linesPerSecond) });
      } else if (JSON.stringify(before.logs) !== JSON.stringify(logs)) {
        before.logs = logs;
        before.rate.linesPerSecond = logs.linesPerSecond;
      }
    }
    const named = new Set([...current.stacks, ...current.removed].map(({ name }) => name));
    for (const name of known.keys()) if (!named.has(name)) known.delete(name);
  }

  return {
    find(name) {
      const current = document();
      if (current !== null && current !== looked) refresh(current);
      return known.get(name) ?? null;
    },
  };
}
