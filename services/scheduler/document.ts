// Pure: the desired document of one node from what is assigned to it.
import type { DesiredDocument, DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import type { NodeConfig } from '#subjects/schema/node.ts';
import type { Assigned, Run } from './placement.ts';
import type { Content } from './specification.ts';

export interface DocumentParts {
  readonly node: string;
  readonly epoch: string;
  readonly generation: number;
  readonly issuedAt: string;
  readonly config: NodeConfig;
  readonly assigned: Assigned;
  contentOf(stack: string, revision: number): Content;
}

function stackOf(name: string, run: Run, content: Content): DesiredStack {
  const { revision, deployment, hash, state } = run;
  return { name, revision, deployment, hash, ...content, files: { ...content.files }, env: { ...content.env }, state };
}

export function documentOf(parts: DocumentParts): DesiredDocument {
  const { node, epoch, generation, issuedAt, config, assigned, contentOf } = parts;
  const stacks: DesiredStack[] = [];
  const removed: RemovedStack[] = [];
  for (const [name, to] of [...assigned].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (to.kind === 'run') stacks.push(stackOf(name, to, contentOf(name, to.revision)));
    else {
      const { deployment, volumes } = to;
      removed.push({ name, deployment, generation: to.generation ?? generation, volumes });
    }
  }
  return { kind: 'desired', version: 1, node, epoch, generation, issuedAt, config, stacks, removed };
}

/** Name of the stack that weighs most, for the one who has to make it lighter. */
export function heaviestStack(document: DesiredDocument): string | null {
  const weight = (stack: DesiredStack) => JSON.stringify(stack).length;
  return document.stacks.toSorted((a, b) => weight(b) - weight(a))[0]?.name ?? null;
}
