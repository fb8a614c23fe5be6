// Order across stacks: what a stack waits for, and that nobody waits in a circle.
import { OverseerError } from '#subjects/errors.ts';
import { isTarget, type Run } from './placement.ts';
import { placedNode } from './placing.ts';
import { assignedTo } from './store/assignments.ts';
import { findDeployment } from './store/deployments.ts';
import type { NodeRow, StackRow } from './store/entities.ts';
import { observedOf } from './store/reports.ts';
import type { Em } from './store/rows.ts';
import { allStacks, findStack } from './store/stacks.ts';

async function isRunning(em: Em, stack: StackRow, nodes: readonly NodeRow[]): Promise<boolean> {
  const deployment = stack.deployment ? await findDeployment(em, stack.deployment) : null;
  if (stack.state !== 'running' || (deployment?.state !== 'succeeded' && deployment?.state !== 'progressing'))
    return false;
  const targets = nodes.filter(({ id, config }) => {
    return (
      !config.drained &&
      !stack.stoppedNodes.includes(id) &&
      isTarget(stack.targets, placedNode({ id, config } as NodeRow))
    );
  });
  const online = targets.filter(({ liveness }) => liveness === 'online');
  if (online.length === 0) return targets.length === 0 && deployment.state === 'succeeded';
  const assigned = await assignedTo(em, { stacks: [stack.name] });
  const seen = new Map((await observedOf(em, [stack.name])).map((row) => [row.node, row.phase]));
  return online.every(({ id }) => {
    const run = assigned.get(id)?.get(stack.name) as Run | undefined;
    return run?.hash === stack.hash && run.confirmedAt !== null && seen.get(id) === 'running';
  });
}

/** Nodes that are away hold nobody up. @returns what a stack that depends on these waits for; null when all of them run */
export async function whatIsMissing(
  em: Em,
  dependsOn: readonly string[],
  nodes: readonly NodeRow[],
): Promise<string | null> {
  for (const name of dependsOn) {
    const stack = await findStack(em, name);
    if (!stack || stack.removedAt || !(await isRunning(em, stack, nodes))) return `waits for stack ${name}`;
  }
  return null;
}

/** The way back to `name`, when there is one. */
export function cycleFrom(name: string, needs: ReadonlyMap<string, readonly string[]>): string[] | null {
  const seen = new Set<string>();
  const follow = (at: string, way: readonly string[]): string[] | null => {
    for (const next of needs.get(at) ?? []) {
      if (next === name) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = follow(next, [...way, next]);
      if (found) return found;
    }
    return null;
  };
  return follow(name, [name]);
}

/**
 * @returns warnings for names that no stack has
 * @throws OverseerError `invalid-input` that names the circle
 */
export async function checkDependencies(em: Em, name: string, dependsOn: readonly string[]): Promise<string[]> {
  if (dependsOn.length === 0) return [];
  const living = (await allStacks(em)).filter(({ removedAt }) => !removedAt);
  const needs = new Map(living.map((stack) => [stack.name, stack.settings.dependsOn]));
  const cycle = cycleFrom(name, needs.set(name, dependsOn));
  if (cycle) {
    throw new OverseerError('invalid-input', `dependsOn: the stacks wait for each other: ${cycle.join(' -> ')}`, {
      fields: { path: 'dependsOn', cycle },
    });
  }
  return dependsOn
    .filter((other) => !needs.has(other))
    .map((other) => `there is no stack ${other} yet: this one waits until it is there and runs`);
}
