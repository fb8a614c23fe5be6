// Lets the next nodes of a rollout go, or stops it: reads where it stands, decides, and makes their documents.
import type { Database } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import { type Decision, decide, isUnderWay } from './batches.ts';
import { whatIsMissing } from './dependencies.ts';
import type { Issuer } from './issuer.ts';
import { startedAsTheyWere } from './keeping.ts';
import { type Change, place } from './placement.ts';
import { applyChanges, placedNode, placedStack } from './placing.ts';
import { isGone } from './presence.ts';
import { conclude, settle } from './progress.ts';
import { isSettled, type Outcome } from './rollout.ts';
import { assignedTo, deploymentsOn } from './store/assignments.ts';
import {
  explainHeld,
  findDeployment,
  lockDeployments,
  rolloutsUnderWay,
  saveOutcome,
  saveTarget,
} from './store/deployments.ts';
import type { DeploymentRow, NodeRow, StackRow } from './store/entities.ts';
import { membersOf, parkHeld, type RolloutMember } from './store/members.ts';
import { nodesById } from './store/nodes.ts';
import { type Em, lockPlacement } from './store/rows.ts';
import { findStack } from './store/stacks.ts';

interface Rollout {
  readonly deployment: DeploymentRow;
  readonly stack: StackRow;
  readonly members: readonly RolloutMember[];
  readonly decision: Decision;
  /** What the deployment becomes when it is stopped; null when it goes on. */
  readonly end: Outcome | null;
}

/** As long as somebody is under way it is not over. */
function endOf(members: readonly RolloutMember[], { stopped }: Decision): Outcome | null {
  if (stopped === null) return null;
  const bad = members
    .filter(({ state }) => state === 'failed')
    .concat(members.filter(({ state }) => state === 'rolled-back'));
  const state = members.some(isUnderWay) ? 'progressing' : bad[0]?.state === 'rolled-back' ? 'rolled-back' : 'failed';
  return { state, reason: bad[0]?.reason ? `${stopped}: ${bad[0].reason}` : stopped };
}

/** Null when the deployment is over or holds nothing back. */
export async function standingOf(em: Em, id: string, now: Date): Promise<Rollout | null> {
  const deployment = await findDeployment(em, id);
  if (!deployment || isSettled(deployment.state)) return null;
  const stack = await findStack(em, deployment.stack);
  const members = stack ? await membersOf(em, id, now) : [];
  if (!stack || !members.some(({ state }) => state === 'held')) return null;
  const hasBegun = members.some(({ state }) => state !== 'held' && state !== 'superseded');
  const decision = decide({
    rollout: stack.settings.rollout,
    members,
    approvedBatch: deployment.approvedBatch,
    cancelled: deployment.cancelled,
    waitsFor: hasBegun ? null : await whatIsMissing(em, stack.settings.dependsOn, now),
    now: now.getTime(),
  });
  return { deployment, stack, members, decision, end: endOf(members, decision) };
}

function isUnchanged({ deployment, decision, end }: Rollout): boolean {
  const { release, reason, pausedUntil } = decision;
  const before = deployment.reason ?? null;
  if (end !== null) return end.state === deployment.state && end.reason === before;
  return release.length === 0 && reason === before && pausedUntil === (deployment.pausedUntil?.getTime() ?? null);
}

/** The documents of these nodes; one whose document would be too large fails, and the others get theirs. */
async function sendOut(em: Em, issuer: Issuer, nodes: readonly NodeRow[], changes: readonly Change[], batch: number) {
  let rest = changes;
  while (rest.length > 0) {
    try {
      const some = rest;
      await em.transactional((inner) => applyChanges(inner, issuer, nodes, some, { batch }));
      return;
    } catch (error) {
      if (!(error instanceof OverseerError) || error.code !== 'document-too-large') throw error;
      const change = rest.find(({ node }) => node === error.fields['node']);
      if (!change) throw error;
      const { node, to } = change;
      const reason = error.message;
      const failed = { state: 'failed', reason, finishedAt: issuer.now(), batch, generation: 1 } as const;
      // Without a deployment it goes on with what it had: it keeps its old document.
      if (to.deployment !== null) await saveTarget(em, { deployment: to.deployment, node, ...failed });
      rest = rest.filter((other) => other !== change);
    }
  }
}

async function letGo(em: Em, issuer: Issuer, { deployment, stack, members, decision }: Rollout): Promise<void> {
  const going = new Set(decision.release);
  const concerned = await nodesById(em, decision.release);
  const assigned = await assignedTo(em, { stacks: [stack.name], nodes: decision.release });
  const changes = place([placedStack(stack)], concerned.map(placedNode), assigned, deployment.id);
  await sendOut(em, issuer, concerned, changes, decision.batch);
  const changing = new Set(changes.map(({ node }) => node));
  const finished = { state: 'succeeded', reason: 'nothing changes here', finishedAt: issuer.now() } as const;
  for (const node of going) {
    if (!changing.has(node)) await saveTarget(em, { deployment: deployment.id, node, ...finished });
  }
  if (members.some(({ state }) => state !== 'held' && state !== 'superseded')) return;
  const waiting = members.filter(({ node, state }) => state === 'held' && !going.has(node)).map(({ node }) => node);
  const starts = await startedAsTheyWere(em, placedStack(stack), waiting);
  await sendOut(em, issuer, [], starts, decision.batch);
}

/** Moves one rollout on as far as it may go now. The caller holds the placement lock. */
export async function release(em: Em, issuer: Issuer, id: string): Promise<void> {
  const deployment = await findDeployment(em, id);
  if (!deployment) return;
  // All that letting go will lock, at once and in order. Who holds the placement lock alone changes assignments.
  await lockDeployments(em, [id, ...(await deploymentsOn(em, deployment.stack))]);
  const rollout = await standingOf(em, id, issuer.now());
  if (!rollout || isUnchanged(rollout)) return;
  const { decision, end, members } = rollout;
  if (end !== null) {
    await explainHeld(em, id, decision.stopped);
    return conclude(em, issuer, rollout.deployment, end);
  }
  const pausedUntil = decision.pausedUntil === null ? null : new Date(decision.pausedUntil);
  await saveOutcome(em, { id, pausedUntil });
  const gone = members.filter(({ state, presence, parked }) => state === 'held' && !parked && isGone(presence));
  if (decision.release.length > 0) await letGo(em, issuer, rollout);
  await parkHeld(
    em,
    id,
    gone.map(({ node }) => node),
  );
  const { state } = rollout.deployment;
  await conclude(em, issuer, rollout.deployment, { state, reason: decision.reason });
  await settle(em, issuer, id);
}

/** Every rollout that can move. What it decides is decided again under the locks. */
export async function releaseDue(database: Database, issuer: Issuer): Promise<void> {
  for (const id of await database.read(rolloutsUnderWay)) {
    const rollout = await database.read((em) => standingOf(em, id, issuer.now()));
    if (!rollout || isUnchanged(rollout)) continue;
    await database.transaction(async (em) => {
      await lockPlacement(em);
      await release(em, issuer, id);
    });
  }
}
