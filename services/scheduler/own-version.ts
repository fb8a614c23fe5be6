// Pure: a node that a rollout has not come to has a version of its own. It is stopped and started with that one: only the
// rollout brings it the newest.
import type { Assignment, Change, PlacedStack, Run } from './placement.ts';

/** Of the same version in another state. */
export type HashOf = (run: Run, state: Run['state']) => string;

function isOwn({ hash, stoppedHash }: PlacedStack, run: Run): boolean {
  return run.hash !== hash && run.hash !== stoppedHash;
}

/** Revisions that nodes have and `changes` would take from them only to stop them. */
export function stoppedRevisions(stack: PlacedStack, changes: readonly Change[]): number[] {
  return changes.flatMap(({ from, to }) => {
    const isStopped = to.kind === 'run' && to.state === 'stopped';
    return isStopped && from?.kind === 'run' && isOwn(stack, from) ? [from.revision] : [];
  });
}

/** The same changes, but whoever is only stopped stops what it has. */
export function stoppedAsTheyAre(stack: PlacedStack, changes: readonly Change[], hashOf: HashOf): Change[] {
  return changes.map((change): Change => {
    const { from, to } = change;
    if (to.kind !== 'run' || to.state !== 'stopped' || from?.kind !== 'run' || !isOwn(stack, from)) return change;
    const { revision, resolution } = from;
    return { ...change, to: { ...to, revision, resolution, hash: hashOf(from, 'stopped') } };
  });
}

/** What of these nodes was stopped with a version of its own. */
export function stoppedOwn(
  stack: PlacedStack,
  assigned: ReadonlyMap<string, ReadonlyMap<string, Assignment>>,
): { readonly node: string; readonly from: Run }[] {
  return [...assigned].flatMap(([node, own]) => {
    const from = own.get(stack.name);
    return from?.kind === 'run' && from.state === 'stopped' && isOwn(stack, from) ? [{ node, from }] : [];
  });
}

/**
 * What was stopped starts as it was, while it waits for the newest. It names no deployment: the one that is under way is
 * about the newest, and what becomes of this must not count as its outcome.
 */
export function started(stack: PlacedStack, node: string, from: Run, hashOf: HashOf): Change {
  return {
    node,
    stack: stack.name,
    from,
    to: { ...from, state: 'running', hash: hashOf(from, 'running'), deployment: null },
  };
}
