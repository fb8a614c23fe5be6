// The nodes of a deployment in words and in order. Pure.
import type { Deployment, DeploymentTarget } from '../api/shapes.ts';
import { byName } from '../parts/words.ts';

const ORDER = ['failed', 'rolled-back', 'progressing', 'pending', 'succeeded', 'parked', 'held', 'superseded'];

/** Parked is no state of its own in the core, but what an operator must know of a target that waits. */
export function targetState({ state, parked, finishedAt }: DeploymentTarget): string {
  return parked && finishedAt === null && state === 'pending' ? 'parked' : state;
}

/** The state of a target, for people. */
export function targetWords(target: DeploymentTarget): string {
  const state = targetState(target);
  if (state === 'parked') return 'parked: runs on reconnect';
  if (state === 'held') return target.parked ? 'held, not connected' : `held for batch ${target.batch}`;
  return state.replace('rolled-back', 'rolled back');
}

export function inOrder(targets: readonly DeploymentTarget[]): DeploymentTarget[] {
  return targets.toSorted((a, b) => byName(a.nodeName, b.nodeName));
}

/** What needs a look most is open at first. */
export function openAtFirst(targets: readonly DeploymentTarget[]): string | null {
  const urgency = (target: DeploymentTarget) => ORDER.indexOf(targetState(target));
  return inOrder(targets).toSorted((a, b) => urgency(a) - urgency(b))[0]?.node ?? null;
}

export interface Batch {
  readonly number: number;
  readonly targets: readonly DeploymentTarget[];
}

export function batchesOf(targets: readonly DeploymentTarget[]): Batch[] {
  const numbers = [...new Set(targets.map(({ batch }) => batch))].sort((a, b) => a - b);
  return numbers.map((number) => ({ number, targets: inOrder(targets.filter(({ batch }) => batch === number)) }));
}

/** `3 succeeded, 1 parked`: how many of each, the worst first. */
export function countsOf(targets: readonly DeploymentTarget[]): { state: string; count: number }[] {
  return ORDER.map((state) => ({
    state,
    count: targets.filter((target) => targetState(target) === state).length,
  })).filter(({ count }) => count > 0);
}

/** The batch an operator is asked to let go. */
export function nextBatch({ targets }: Deployment): number | null {
  const held = targets.filter(({ state }) => state === 'held').map(({ batch }) => batch);
  return held.length === 0 ? null : Math.min(...held);
}
