// Pure: which stack belongs on which node, and what changes there. Absence never deletes: a stack that was once on a
// node leaves it only by a `removed` assignment.
import type { Targets } from '#subjects/schema/stack.ts';
import type { Resolution } from './specification.ts';

export interface PlacedStack {
  readonly name: string;
  readonly revision: number;
  readonly state: 'running' | 'stopped';
  /** Of content, state and resolution. */
  readonly hash: string;
  /** The same, were it stopped. */
  readonly stoppedHash: string;
  readonly resolution: Resolution;
  /** Nodes on which it was stopped though it runs elsewhere. */
  readonly stoppedNodes: ReadonlySet<string>;
  /** Nodes that keep what they have: their batch has not come, or the rollout stopped before it. */
  readonly heldNodes: ReadonlySet<string>;
  readonly targets: Targets;
  /** The newest one of the stack. */
  readonly deployment: string | null;
  readonly removed: { readonly volumes: boolean } | null;
}

export interface PlacedNode {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly drained: boolean;
}

export interface Run {
  readonly kind: 'run';
  readonly revision: number;
  readonly state: 'running' | 'stopped';
  readonly hash: string;
  readonly resolution: Resolution;
  readonly deployment: string | null;
  /** The node confirmed it: milliseconds since 1970. */
  readonly confirmedAt: number | null;
}

export interface Removed {
  readonly kind: 'removed';
  readonly deployment: string | null;
  readonly volumes: boolean;
  /** Of the document in which the removal first stood; null: the one to be made. */
  readonly generation: number | null;
  readonly confirmedAt: number | null;
}

export type Assignment = Run | Removed;

/** What is assigned to one node, by stack. */
export type Assigned = ReadonlyMap<string, Assignment>;

export interface Change {
  readonly node: string;
  readonly stack: string;
  readonly from: Assignment | null;
  readonly to: Assignment;
}

/** How long a node that comes back from a backup still hears of a removal it had confirmed. */
export const REMOVAL_KEPT_MS = 30 * 24 * 3600 * 1000;

export function isTarget(targets: Targets, node: PlacedNode): boolean {
  if (targets.nodes?.includes(node.id)) return true;
  // An empty selector, which nobody writes by accident, is every node.
  const { selector } = targets;
  return selector !== undefined && Object.entries(selector).every(([key, value]) => node.labels[key] === value);
}

function running(stack: PlacedStack, node: string, current: Assignment | undefined): Run {
  const { revision, resolution, deployment } = stack;
  const isStoppedHere = stack.stoppedNodes.has(node);
  const state = isStoppedHere ? 'stopped' : stack.state;
  const hash = isStoppedHere ? stack.stoppedHash : stack.hash;
  // Stopped by the newest deployment with a version of its own: own-version.ts says why.
  const isStopped = state === 'stopped' && current?.kind === 'run' && current.state === 'stopped';
  if (isStopped && deployment !== null && current.deployment === deployment) return current;
  if (current?.kind === 'run' && current.hash === hash && current.revision === revision) {
    if (current.deployment === deployment || current.confirmedAt !== null) return current;
  }
  return { kind: 'run', revision, state, hash, resolution, deployment, confirmedAt: null };
}

function next(
  stack: PlacedStack | undefined,
  node: PlacedNode,
  current: Assignment | undefined,
  cause: string | null,
): Assignment | null {
  if (stack && !stack.removed && !node.drained && isTarget(stack.targets, node)) {
    return stack.heldNodes.has(node.id) ? (current ?? null) : running(stack, node.id, current);
  }
  if (current?.kind !== 'run') return current ?? null;
  const volumes = stack?.removed?.volumes ?? false;
  return { kind: 'removed', deployment: cause, volumes, generation: null, confirmedAt: null };
}

/**
 * Changes that bring `assigned` (only of these stacks and nodes) to what stacks and nodes ask for, in order of node and
 * stack. `cause` is the deployment that makes stacks leave; null when a node's own change does.
 */
export function place(
  stacks: readonly PlacedStack[],
  nodes: readonly PlacedNode[],
  assigned: ReadonlyMap<string, Assigned>,
  cause: string | null,
): Change[] {
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  const changes: Change[] = [];
  for (const node of nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const own = assigned.get(node.id) ?? new Map<string, Assignment>();
    for (const name of [...new Set([...byName.keys(), ...own.keys()])].sort()) {
      const current = own.get(name);
      const to = next(byName.get(name), node, current, cause);
      if (to !== null && to !== current) changes.push({ node: node.id, stack: name, from: current ?? null, to });
    }
  }
  return changes;
}

export function isForgotten(assignment: Assignment, now: number): boolean {
  const { kind, confirmedAt } = assignment;
  return kind === 'removed' && confirmedAt !== null && now - confirmedAt > REMOVAL_KEPT_MS;
}
