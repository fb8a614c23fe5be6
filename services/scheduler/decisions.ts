// What operators decide of a rollout: the next batch may go, or none any more.
import { record } from '#infra/postgres/audit.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { DecideDeployment } from '#subjects/schema/deployment.ts';
import type { Issuer } from './issuer.ts';
import { release, standingOf } from './release.ts';
import { findDeployment, lockDeployments, saveOutcome } from './store/deployments.ts';
import { type Em, lockPlacement } from './store/rows.ts';

/** @throws OverseerError `deployment-not-found`, `conflict` when it holds nothing back or waits for nobody */
export async function decideDeployment(em: Em, issuer: Issuer, request: DecideDeployment): Promise<void> {
  const { by, id, decision } = request;
  await lockPlacement(em);
  await lockDeployments(em, [id]);
  const deployment = await findDeployment(em, id);
  if (!deployment) throw new OverseerError('deployment-not-found', `there is no deployment ${id}`);
  const rollout = await standingOf(em, id, issuer.now());
  if (!rollout) throw new OverseerError('conflict', 'the deployment is over, or all its nodes have it already');
  const { nextBatch: next, awaitsApproval, pausedUntil, reason } = rollout.decision;
  // Said twice, or by two operators: the second word is not meant for the batch after.
  if (decision === 'continue' && !awaitsApproval && pausedUntil === null) {
    throw new OverseerError('conflict', `it waits for no operator${reason === null ? '' : `: ${reason}`}`);
  }
  await saveOutcome(em, decision === 'cancel' ? { id, cancelled: true } : { id, approvedBatch: next });
  const detail = { stack: deployment.stack, ...(decision === 'continue' ? { batch: next } : {}) };
  const what = { actor: by, action: `deployment.${decision}`, object: `deployments/${id}`, detail } as const;
  await record(em, 'scheduler', { ...what, outcome: 'accepted' }, issuer.now());
  await release(em, issuer, id);
}
