// Which node came by an enrollment token: one that was not there before, with the name or labels the token gives. Pure.
import type { Labels, Node } from '../api/shapes.ts';

export interface Expected {
  readonly known: ReadonlySet<string>;
  readonly name: string | null;
  readonly labels: Labels;
}

export function newcomer(nodes: readonly Node[], expected: Expected): Node | null {
  const fits = (node: Node) =>
    !expected.known.has(node.id) &&
    (expected.name === null || node.name === expected.name) &&
    Object.entries(expected.labels).every(([key, value]) => node.labels[key] === value);
  return nodes.find(fits) ?? null;
}
