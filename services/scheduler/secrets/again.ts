// Stacks whose nodes could not open a secret and can now. What failed for want of it is deployed once more: an agent that gave
// a deployment up waits for another. Nodes that run well already are left as they are.

import type { Actor } from '#subjects/schema/actor.ts';
import type { PutSecretAnswer } from '#subjects/schema/secret.ts';
import { deploy } from '../deploying.ts';
import { type Issuer, issueDocuments } from '../issuer.ts';
import { StackRow } from '../store/entities.ts';
import type { Em } from '../store/rows.ts';
import { findStack } from '../store/stacks.ts';

export interface Given {
  readonly node: string;
  readonly stack: string;
}

/** Also to nodes on which the stack is stopped: these have nothing to do, but something to keep. */
export async function giveOut(em: Em, issuer: Issuer, given: readonly Given[]): Promise<void> {
  const nodes = given.map(({ node }) => node);
  await issueDocuments(em, issuer, [], nodes);
}

/** The caller holds the placement lock. @returns what was begun */
export async function deployAgain(
  em: Em,
  issuer: Issuer,
  stacks: readonly string[],
  by: Actor,
): Promise<PutSecretAnswer['deployments']> {
  const deployments: PutSecretAnswer['deployments'] = [];
  for (const name of [...new Set(stacks)].sort()) {
    const stack = await findStack(em, name);
    if (!stack || stack.removedAt) continue;
    const change = { deployment: issuer.newId(), updatedAt: issuer.now() };
    await em.nativeUpdate(StackRow, { name }, change);
    await deploy(em, issuer, { ...stack, ...change } as StackRow, 'apply', by);
    deployments.push({ stack: name, deployment: change.deployment });
  }
  return deployments;
}
