// Pure: the desired document of one node from what is assigned to it.

import type { DesiredDocument, DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import type { NodeConfig } from '#subjects/schema/node.ts';
import type { Place } from '#subjects/schema/project.ts';
import type { DesiredSecret } from '#subjects/schema/secret.ts';
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
  /** Of a stack on this node, sealed for it. */
  secretsOf(stack: string): readonly DesiredSecret[];
}

/** An adopted stack stays where it is on its own node; on any other it has a folder like every stack. */
function placeOn(node: string, { place }: Content): Place | null {
  return place?.node === node ? { directory: place.directory, file: place.file } : null;
}

/** As a node gets it. */
export function desiredStack(
  node: string,
  name: string,
  run: Pick<Run, 'revision' | 'deployment' | 'hash' | 'state' | 'resolution'>,
  content: Content,
  secrets: readonly DesiredSecret[],
): DesiredStack {
  const { revision, deployment, hash, state, resolution } = run;
  return {
    ...{ name, revision, deployment, hash, state },
    ...content,
    place: placeOn(node, content),
    files: { ...content.files },
    env: { ...content.env },
    profiles: [...content.profiles],
    scale: { ...content.scale },
    secrets: [...secrets],
    pins: { ...resolution.pins },
  };
}

export function documentOf(parts: DocumentParts): DesiredDocument {
  const { node, epoch, generation, issuedAt, config, assigned, contentOf, secretsOf } = parts;
  const stacks: DesiredStack[] = [];
  const removed: RemovedStack[] = [];
  for (const [name, to] of [...assigned].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (to.kind === 'run') stacks.push(desiredStack(node, name, to, contentOf(name, to.revision), secretsOf(name)));
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
