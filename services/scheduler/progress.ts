// Moves deployments on: a target by what its node told, the deployment by its targets. Each change of state is told as a
// fact in the same transaction.
import { enqueue } from '#infra/postgres/outbox.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { DeploymentFact } from '#subjects/schema/cloud-event.ts';
import { type DeploymentNews, deploymentFact } from './deployment-fact.ts';
import type { Issuer } from './issuer.ts';
import { type Input, isSettled, next, type Outcome, outcomeOf } from './rollout.ts';
import { confirmRun } from './store/assignments.ts';
import {
  findDeployment,
  findTarget,
  heldTargets,
  lockDeployments,
  openTargets,
  saveOutcome,
  saveTarget,
  tallyOf,
} from './store/deployments.ts';
import type { DeploymentRow, TargetRow } from './store/entities.ts';
import type { Em } from './store/rows.ts';

export async function tell(
  em: Em,
  issuer: Issuer,
  fact: DeploymentFact,
  news: DeploymentNews,
  by?: Actor,
): Promise<void> {
  const body = deploymentFact(fact, news, issuer.newId(), issuer.now().toISOString(), by?.requestId);
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

/** What a deployment became, told once. @param target whose change made it so */
export async function conclude(
  em: Em,
  issuer: Issuer,
  deployment: DeploymentRow,
  outcome: Outcome,
  target?: DeploymentNews['target'],
): Promise<void> {
  const told = (row: DeploymentRow) => ({ ...newsOf(row), ...(target ? { target } : {}) });
  const isNew = outcome.state !== deployment.state || outcome.reason !== (deployment.reason ?? null);
  if (!isNew) {
    if (target) await tell(em, issuer, 'progressed', told(deployment));
    return;
  }
  const { state, reason } = outcome;
  const finishedAt = isSettled(state) ? issuer.now() : null;
  await saveOutcome(em, { id: deployment.id, state, reason, finishedAt });
  await tell(
    em,
    issuer,
    isSettled(state) ? 'finished' : 'progressed',
    told({ ...deployment, state, reason, finishedAt }),
  );
}

/** The deployment as its targets make it; a finished one stays as it ended. The row must be locked. */
export async function settle(em: Em, issuer: Issuer, id: string, changed?: TargetRow): Promise<void> {
  const deployment = await findDeployment(em, id);
  if (!deployment) return;
  const reason = deployment.reason ?? null;
  const isOver = isSettled(deployment.state);
  const outcome = isOver ? { state: deployment.state, reason } : outcomeOf(await tallyOf(em, id), reason);
  const target = changed && { node: changed.node, state: changed.state, reason: changed.reason ?? null };
  await conclude(em, issuer, deployment, outcome, target);
}

/** A report may tell the outcome before the event that knows what failed. */
async function keepFailure(em: Em, target: TargetRow, input: Input): Promise<void> {
  if (input.type !== 'settled' || input.failure === null || target.failure || target.state !== input.outcome) return;
  await saveTarget(em, { deployment: target.deployment, node: target.node, failure: input.failure });
}

/** One target's next state. The deployment's row must be locked. @returns whether it is another one */
async function advance(em: Em, issuer: Issuer, target: TargetRow, input: Input): Promise<boolean> {
  const before = { ...target, hash: target.hash ?? null, reason: target.reason ?? null };
  const after = next(before, input);
  if (after === before) {
    await keepFailure(em, target, input);
    return false;
  }
  const { deployment, node, stack } = target;
  const finishedAt = isSettled(after.state) ? issuer.now() : null;
  const failure = input.type === 'settled' ? input.failure : null;
  await saveTarget(em, { deployment, node, state: after.state, reason: after.reason, finishedAt, failure });
  if (after.state === 'succeeded' && after.action === 'run') {
    await confirmRun(em, node, stack, after.hash, issuer.now());
  }
  await settle(em, issuer, deployment, { ...target, state: after.state, reason: after.reason });
  return true;
}

/** What a node told of one deployment. Unknown ones and finished targets change nothing. @returns whether the target moved */
export async function advanceTarget(
  em: Em,
  issuer: Issuer,
  deployment: string,
  node: string,
  input: Input,
): Promise<boolean> {
  await lockDeployments(em, [deployment]);
  const target = await findTarget(em, deployment, node);
  return target !== null && advance(em, issuer, target, input);
}

async function advanceAll(
  em: Em,
  issuer: Issuer,
  targets: readonly TargetRow[],
  inputOf: (target: TargetRow) => Input | null,
): Promise<boolean> {
  let moved = false;
  const concerned = targets.filter((target) => inputOf(target) !== null);
  await lockDeployments(
    em,
    concerned.map(({ deployment }) => deployment),
  );
  for (const { deployment, node } of concerned.toSorted((a, b) => (a.deployment < b.deployment ? -1 : 1))) {
    // Read again under the lock: somebody else may have moved it meanwhile.
    const target = await findTarget(em, deployment, node);
    const input = target && inputOf(target);
    if (target && input && (await advance(em, issuer, target, input))) moved = true;
  }
  return moved;
}

/** Every target that a node has under way, by `inputOf`; null leaves it as it is. @returns whether one moved */
export async function advanceOpen(
  em: Em,
  issuer: Issuer,
  node: string,
  inputOf: (target: TargetRow) => Input | null,
): Promise<boolean> {
  return advanceAll(em, issuer, await openTargets(em, node), inputOf);
}

/** What a node has under way, or is held back from it, ends: it is gone, or no longer a target. */
export async function dropTargets(
  em: Em,
  issuer: Issuer,
  node: string,
  reason: string,
  isConcerned: (target: TargetRow) => boolean = () => true,
): Promise<void> {
  const all = [...(await openTargets(em, node)), ...(await heldTargets(em, { node }))];
  await advanceAll(em, issuer, all, (target) => (isConcerned(target) ? { type: 'dropped', reason } : null));
}
