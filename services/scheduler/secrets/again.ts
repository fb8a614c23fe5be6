// Stacks whose nodes could not open a secret and can now. What failed for want of it is deployed once more: an agent that gave
// a deployment up waits for another. Nodes that run well already are left as they are.
import type { Actor } from '#subjects/schema/actor.ts';
import { deploy } from '../deploying.ts';
import { type Issuer, issueDocuments } from '../issuer.ts';
import { StackRow } from '../store/entities.ts';
import type { Em } from '../store/rows.ts';
import { findStack } from '../store/stacks.ts';

export interface Given {
  readonly node: string;
  readonly stack: string;
}

/** The caller holds the placement lock. */
export async function deployAgain(em: Em, issuer: Issuer, given: readonly Given[], by: Actor): Promise<void> {
  // Also to nodes on which the stack is stopped: these have nothing to do, but something to keep.
  await issueDocuments(
    em,
    issuer,
    [],
    given.map(({ node }) => node),
  );
  for (const name of [...new Set(given.map(({ stack }) => stack))].sort()) {
    const stack = await findStack(em, name);
    if (!stack || stack.removedAt) continue;
    const change = { deployment: issuer.newId(), updatedAt: issuer.now() };
    await em.nativeUpdate(StackRow, { name }, change);
    await deploy(em, issuer, { ...stack, ...change } as StackRow, 'apply', by);
  }
}
