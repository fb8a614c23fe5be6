// Order across stacks: what a stack waits for, and that nobody waits in a circle.
import { OverseerError } from '#subjects/errors.ts';
import { type Needed, whatItLacks } from './needed.ts';
import { isTarget } from './placement.ts';
import { placedNode } from './placing.ts';
import { presenceOf } from './presence.ts';
import type { NodeRow, StackRow } from './store/entities.ts';
import { openNodes } from './store/members.ts';
import { activeNodes } from './store/nodes.ts';
import { observedOf, silentEngines } from './store/reports.ts';
import type { Em } from './store/rows.ts';
import { allStacks, findStack } from './store/stacks.ts';

/** @param nodes with whether each is there */
async function neededOf(em: Em, stack: StackRow, nodes: ReadonlyMap<NodeRow, boolean>): Promise<Needed> {
  const { name, deployment, stoppedNodes, targets } = stack;
  const matching = [...nodes.keys()].filter((node) => !node.config.drained && isTarget(targets, placedNode(node)));
  const running = matching.filter(({ id }) => !stoppedNodes.includes(id));
  const changing = new Set(deployment ? await openNodes(em, deployment) : []);
  const phases = new Map((await observedOf(em, [name])).map((row) => [row.node, row.phase]));
  return {
    name,
    isStopped: stack.state === 'stopped' || (running.length === 0 && matching.length > 0),
    nodes: running
      .map((node) => ({
        name: node.config.name,
        isThere: nodes.get(node) === true,
        isChanging: changing.has(node.id),
        phase: phases.get(node.id) ?? null,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** @returns what a stack that depends on these waits for; null when all of them run */
export async function whatIsMissing(em: Em, dependsOn: readonly string[], now: Date): Promise<string | null> {
  if (dependsOn.length === 0) return null;
  const engines = await silentEngines(em, now);
  const nodes = new Map(
    (await activeNodes(em)).map((node) => {
      const { liveness, config } = node;
      const engineSilentMs = engines.get(node.id) ?? null;
      return [node, presenceOf({ liveness, paused: config.paused, engineSilentMs }) === 'online'];
    }),
  );
  for (const name of dependsOn) {
    const stack = await findStack(em, name);
    if (!stack || stack.removedAt) return `waits for stack ${name}`;
    const missing = whatItLacks(await neededOf(em, stack, nodes));
    if (missing !== null) return missing;
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
