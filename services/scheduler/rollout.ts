// Pure: what becomes of a deployment on one node, and of the deployment as a whole, from what nodes told.
import type { DeploymentState } from '#subjects/schema/deployment.ts';
import type { StackFailure } from '#subjects/schema/node-event.ts';
import type { ObservedStack } from '#subjects/schema/report.ts';

export interface Target {
  readonly action: 'run' | 'remove';
  readonly state: DeploymentState;
  readonly reason: string | null;
  /** Of the document that carries the deployment to the node. */
  readonly generation: number;
  /** Null for removals, and for commands: what a node shows says nothing of whether it carried one out. */
  readonly hash: string | null;
}

export type Input =
  | { readonly type: 'step-started' }
  | {
      readonly type: 'settled';
      readonly outcome: 'succeeded' | 'failed' | 'rolled-back';
      readonly reason: string | null;
      /** What is known of the container that made it fail. */
      readonly failure: StackFailure | null;
    }
  | { readonly type: 'observed'; readonly generation: number; readonly stack: ObservedStack | null }
  /** The node is gone or no longer a target. */
  | { readonly type: 'dropped'; readonly reason: string };

/** Why a deployment and all it has under way end when the stack is put or removed again. */
export const SUPERSEDED = 'a newer deployment took its place';

export function isSettled(state: DeploymentState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'rolled-back' || state === 'superseded';
}

function observed(target: Target, stack: ObservedStack | null): Target {
  const gone = stack === null || stack.phase === 'removed';
  if (target.action === 'remove') return gone ? { ...target, state: 'succeeded', reason: null } : target;
  if (stack === null || target.hash === null || (stack.hash !== null && stack.hash !== target.hash)) return target;
  if (stack.phase === 'running' || stack.phase === 'stopped') return { ...target, state: 'succeeded', reason: null };
  if (stack.phase === 'failed') return { ...target, state: 'failed', reason: stack.reason };
  return target;
}

/** The first outcome stands: what happens later belongs to the stack's state, not to its deployment. */
export function next(target: Target, input: Input): Target {
  if (isSettled(target.state)) return target;
  // Nothing was sent yet, so nothing that is told can be about it.
  if (target.state === 'held' && input.type !== 'dropped') return target;
  switch (input.type) {
    case 'step-started':
      return target.state === 'progressing' ? target : { ...target, state: 'progressing', reason: null };
    case 'settled':
      return { ...target, state: input.outcome, reason: input.reason };
    case 'observed':
      return input.generation >= target.generation ? observed(target, input.stack) : target;
    case 'dropped':
      return { ...target, state: 'superseded', reason: input.reason };
    default:
      return input satisfies never;
  }
}

/** Targets of a deployment by what became of them. */
export interface Tally {
  readonly held: number;
  readonly pending: number;
  readonly progressing: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly rolledBack: number;
  /** Of `pending`: nodes that were not online when the deployment began. */
  readonly waiting: number;
  readonly superseded: number;
  /** Reason of one that failed, or else of one that was rolled back. */
  readonly failure: string | null;
}

export interface Outcome {
  readonly state: DeploymentState;
  readonly reason: string | null;
}

function nodes(count: number): string {
  return count === 1 ? '1 node that is' : `${count} nodes that are`;
}

/** @param reason the present one: while nodes are held back, the rollout says why */
export function outcomeOf(tally: Tally, reason: string | null = null): Outcome {
  const { held, pending, progressing, succeeded, failed, rolledBack, waiting, superseded, failure } = tally;
  const open = pending + progressing;
  const bad = failed + rolledBack;
  const hasBegun = progressing + succeeded + bad + waiting > 0;
  if (held > 0) return { state: hasBegun ? 'progressing' : 'pending', reason };
  if (open + succeeded + bad === 0) {
    return { state: 'succeeded', reason: superseded === 0 ? 'no node matches' : 'none of its nodes is left' };
  }
  if (open === 0 && bad > 0) {
    const because = failure === null ? '' : `: ${failure}`;
    const [state, what, count] =
      failed > 0 ? (['failed', 'failed', failed] as const) : (['rolled-back', 'rolled back', rolledBack] as const);
    return { state, reason: `${what} on ${count} of ${succeeded + bad} nodes${because}` };
  }
  if (open === 0) return { state: 'succeeded', reason: null };
  if (open === waiting) return { state: 'progressing', reason: `waiting for ${nodes(waiting)} offline` };
  return { state: hasBegun ? 'progressing' : 'pending', reason: null };
}
