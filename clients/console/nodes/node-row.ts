// What the nodes list needs of each node, joined from the two lists the core answers. Pure.
import type { Node, Stack, StackPhase } from '../api/shapes.ts';
import type { Searchable } from '../lists/filter.ts';
import { labelFields } from '../lists/filter.ts';

export interface NodeRow {
  readonly node: Node;
  /** Stacks that should run here, by phase. */
  readonly phases: Readonly<Partial<Record<StackPhase, number>>>;
  readonly stacks: number;
}

export function nodeRows(nodes: readonly Node[], stacks: readonly Stack[]): NodeRow[] {
  const phases = new Map<string, Partial<Record<StackPhase, number>>>();
  for (const stack of stacks)
    for (const { node, phase } of stack.nodes) {
      const held = phases.get(node) ?? {};
      held[phase] = (held[phase] ?? 0) + 1;
      phases.set(node, held);
    }
  return nodes.map((node) => {
    const own = phases.get(node.id) ?? {};
    return { node, phases: own, stacks: Object.values(own).reduce((sum, count) => sum + count, 0) };
  });
}

/** What an operator should look at first. */
export function nodeState(node: Node): string {
  if (node.liveness !== 'online') return node.liveness;
  return node.drained ? 'drained' : node.paused ? 'paused' : 'online';
}

const SEVERITY = ['offline', 'suspect', 'pending', 'paused', 'drained', 'online'];
export function severity(node: Node): number {
  return SEVERITY.indexOf(nodeState(node));
}

const SKEW_MS = 2000;
export function hasSkew(node: Node): boolean {
  return node.clockOffsetMs !== null && Math.abs(node.clockOffsetMs) > SKEW_MS;
}

/** Three missed heartbeats: from here on a value is no longer current. */
export function staleAfterMs(node: Node): number {
  return node.heartbeatSeconds * 3000;
}

/** The version most nodes run; another one is worth a chip. */
export function usualVersion(nodes: readonly Node[]): string | null {
  const counts = new Map<string, number>();
  for (const { agentVersion } of nodes)
    if (agentVersion !== null) counts.set(agentVersion, (counts.get(agentVersion) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

export function searchableNode({ node, phases }: NodeRow): Searchable {
  const labels = labelFields(node.labels);
  return {
    fields: {
      state: [nodeState(node), node.liveness],
      node: [node.name, node.id],
      name: [node.name],
      label: labels,
      ...Object.fromEntries(Object.entries(node.labels).map(([key, value]) => [key, [value]])),
      agent: node.agentVersion === null ? [] : [node.agentVersion],
      docker: node.facts?.dockerVersion === undefined ? [] : [node.facts.dockerVersion],
      arch: node.facts === null ? [] : [node.facts.arch],
      os: node.facts === null ? [] : [node.facts.os],
      stacks: Object.keys(phases),
    },
    text: [node.name, node.id, ...labels, node.facts?.hostname ?? '', node.facts?.os ?? ''].join(' '),
  };
}
