// Pure: which version of a stack the node works for. Mostly the one of the document; the last good one when that was
// given up. A version is given up for one deployment: the same version deployed anew is tried anew.
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { SeenStack, StackRecord } from './model.ts';

export interface Goal {
  readonly target: DesiredStack;
  /** Why it is not what the document says; null when it is. */
  readonly givenUp: { readonly revision: number; readonly reason: string } | null;
}

type Memory = { readonly record: StackRecord | null; readonly good: DesiredStack | null };

/** The last good version in the name of the deployment that failed: what is done for it belongs to that one. */
export function effectiveTarget(target: DesiredStack, { record, good }: Memory): Goal {
  const rejected = record?.rejected ?? null;
  const isGivenUp = rejected !== null && rejected.hash === target.hash && rejected.deployment === target.deployment;
  if (!isGivenUp || good === null || !mayGoBack(target, good)) return { target, givenUp: null };
  const { revision, reason } = rejected;
  return { target: { ...good, deployment: target.deployment }, givenUp: { revision, reason } };
}

export function mayGoBack(target: DesiredStack, good: DesiredStack | null): good is DesiredStack {
  return target.rollback && target.state === 'running' && good !== null && good.hash !== target.hash;
}

export function whyBack({ target, givenUp }: Goal): string | null {
  if (givenUp === null) return null;
  return `revision ${givenUp.revision} failed: ${givenUp.reason}; going back to revision ${target.revision}`;
}

/** Worth keeping as the last good one: it runs, and nothing was given up for it. */
export function becomesGood(goal: Goal, seen: SeenStack): boolean {
  return goal.givenUp === null && goal.target.state === 'running' && seen.good?.hash !== goal.target.hash;
}
