// Nodes keep their own version of a stack through stop and start. A deployment that brings a new revision is no stop or
// start: then everybody gets that one.
import { stackHash } from './fingerprint.ts';
import { type HashOf, started, stoppedAsTheyAre, stoppedOwn, stoppedRevisions } from './own-version.ts';
import type { Change, PlacedStack } from './placement.ts';
import { assignedTo } from './store/assignments.ts';
import { revisionHashes } from './store/revision-hashes.ts';
import type { Em } from './store/rows.ts';

/** Null when the stack's newest revision came with its newest deployment. */
async function hashesOf(em: Em, stack: PlacedStack, revisions: readonly number[]): Promise<HashOf | null> {
  const found = await revisionHashes(em, stack.name, [stack.revision, ...revisions]);
  if (found.get(stack.revision)?.deployment === stack.deployment) return null;
  return ({ revision, resolution }, state) => {
    const content = found.get(revision)?.hash;
    if (content === undefined) throw new Error(`revision ${revision} of ${stack.name} is assigned but not stored`);
    return stackHash(content, state, resolution);
  };
}

export async function keepOwnVersions(
  em: Em,
  stack: PlacedStack,
  changes: readonly Change[],
): Promise<readonly Change[]> {
  const revisions = stoppedRevisions(stack, changes);
  if (revisions.length === 0) return changes;
  const hashOf = await hashesOf(em, stack, revisions);
  return hashOf === null ? changes : stoppedAsTheyAre(stack, changes, hashOf);
}

/** Of nodes that wait for their batch, those that were stopped. */
export async function startedAsTheyWere(em: Em, stack: PlacedStack, waiting: readonly string[]): Promise<Change[]> {
  const stopped = stoppedOwn(stack, await assignedTo(em, { stacks: [stack.name], nodes: waiting }));
  if (stopped.length === 0) return [];
  const hashOf = await hashesOf(
    em,
    stack,
    stopped.map(({ from }) => from.revision),
  );
  return hashOf === null ? [] : stopped.map(({ node, from }) => started(stack, node, from, hashOf));
}
