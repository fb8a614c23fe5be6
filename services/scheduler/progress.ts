// Moves deployments on: a target by what its node told, the deployment by its targets. Each change of state is told as a
// fact in the same transaction.
import { enqueue } from '#infra/postgres/outbox.ts';
import type { DeploymentFact } from '#subjects/schema/cloud-event.ts';
import { type DeploymentNews, deploymentFact } from './deployment-fact.ts';
import type { Issuer } from './issuer.ts';
import { type Input, isSettled, next, outcomeOf } from './rollout.ts';
import { confirmRun } from './store/assignments.ts';
import {
  findDeployment,
  findTarget,
  lockDeployments,
  openTargets,
  saveOutcome,
  saveTarget,
  tallyOf,
} from './store/deployments.ts';
import type { DeploymentRow, TargetRow } from './store/entities.ts';
import type { Em } from './store/rows.ts';

export async function tell(em: Em, issuer: Issuer, fact: DeploymentFact, news: DeploymentNews): Promise<void> {
  const body = deploymentFact(fact, news, issuer.newId(), issuer.now().toISOString());
  await enqueue(em, {
    service: 'scheduler',
    message: 'deploymentFact',
    parameters: { deployment: news.id, fact },
    body,
  });
}

export function newsOf(deployment: DeploymentRow): DeploymentNews {
  const { id, stack, kind, revision, state, reason } = deployment;
  return { id, stack, kind, revision, state, reason: reason ?? null };
}

/** The deployment as its targets make it; a finished one stays as it ended. The row must be locked. */
export async function settle(em: Em, issuer: Issuer, id: string, changed?: TargetRow): Promise<void> {
  const deployment = await findDeployment(em, id);
  if (!deployment) return;
  const target = changed && { node: changed.node, state: changed.state, reason: changed.reason ?? null };
  const told = (row: DeploymentRow) => ({ ...newsOf(row), ...(target ? { target } : {}) });
  const outcome = isSettled(deployment.state) ? deployment : outcomeOf(await tallyOf(em, id));
  const isNew = outcome.state !== deployment.state || (outcome.reason ?? null) !== (deployment.reason ?? null);
  if (!isNew) {
    if (target) await tell(em, issuer, 'progressed', told(deployment));
    return;
  }
  const isOver = isSettled(outcome.state);
  const after = {
    ...deployment,
    state: outcome.state,
    reason: outcome.reason ?? null,
    finishedAt: isOver ? issuer.now() : null,
  };
  await saveOutcome(em, { id, state: after.state, reason: after.reason, finishedAt: after.finishedAt });
  await tell(em, issuer, isOver ? 'finished' : 'progressed', told(after));
}

/** One target's next state. The deployment's row must be locked. @returns whether anything changed */
async function advance(em: Em, issuer: Issuer, target: TargetRow, input: Input): Promise<boolean> {
  const before = { ...target, hash: target.hash ?? null, reason: target.reason ?? null };
  const after = next(before, input);
  if (after === before) return false;
  const { deployment, node, stack } = target;
  const finishedAt = isSettled(after.state) ? issuer.now() : null;
  await saveTarget(em, { deployment, node, state: after.state, reason: after.reason, finishedAt });
  if (after.state === 'succeeded' && after.action === 'run') {
    await confirmRun(em, node, stack, after.hash, issuer.now());
  }
  await settle(em, issuer, deployment, { ...target, state: after.state, reason: after.reason });
  return true;
}

/** What a node told of one deployment. Unknown ones and finished targets change nothing. */
export async function advanceTarget(
  em: Em,
  issuer: Issuer,
  deployment: string,
  node: string,
  input: Input,
): Promise<void> {
  await lockDeployments(em, [deployment]);
  const target = await findTarget(em, deployment, node);
  if (target) await advance(em, issuer, target, input);
}

/** Every open target of a node or a stack, by `inputOf`; null leaves it as it is. */
export async function advanceOpen(
  em: Em,
  issuer: Issuer,
  where: { node?: string; stack?: string },
  inputOf: (target: TargetRow) => Input | null,
): Promise<void> {
  const open = (await openTargets(em, where)).filter((target) => inputOf(target) !== null);
  await lockDeployments(
    em,
    open.map(({ deployment }) => deployment),
  );
  for (const { deployment, node } of open.toSorted((a, b) => (a.deployment < b.deployment ? -1 : 1))) {
    // Read again under the lock: somebody else may have moved it meanwhile.
    const target = await findTarget(em, deployment, node);
    const input = target && inputOf(target);
    if (target && input) await advance(em, issuer, target, input);
  }
}
