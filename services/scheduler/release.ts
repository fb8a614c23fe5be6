// Lets the next nodes of a rollout go, or stops it: reads where it stands, decides, and makes their documents.
import type { Database } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import { type Decision, decide, type Member } from './batches.ts';
import { whatIsMissing } from './dependencies.ts';
import type { Issuer } from './issuer.ts';
import { type Change, place } from './placement.ts';
import { applyChanges, placedNode, placedStack } from './placing.ts';
import { conclude, settle } from './progress.ts';
import { isSettled } from './rollout.ts';
import { assignedTo } from './store/assignments.ts';
import {
  explainHeld,
  findDeployment,
  lockDeployments,
  rolloutsUnderWay,
  saveOutcome,
  saveTarget,
  targetsOf,
} from './store/deployments.ts';
import type { DeploymentRow, NodeRow, StackRow, TargetRow } from './store/entities.ts';
import { activeNodes } from './store/nodes.ts';
import { type Em, lockPlacement } from './store/rows.ts';
import { findStack } from './store/stacks.ts';

interface Rollout {
  readonly deployment: DeploymentRow;
  readonly stack: StackRow;
  readonly nodes: readonly NodeRow[];
  readonly targets: readonly TargetRow[];
  readonly decision: Decision;
}

function memberOf(target: TargetRow, node: NodeRow | undefined): Member {
  const { state, batch, parked, finishedAt } = target;
  const liveness = (node?.liveness ?? 'offline') as Member['liveness'];
  return { node: target.node, state, batch, parked, liveness, finishedAt: finishedAt?.getTime() ?? null };
}

/** Nodes that leave, and those on which nothing changed, have no part in it. */
function isMember({ action, state, generation }: TargetRow): boolean {
  return action === 'run' && (state === 'held' || generation > 0);
}

/** Null when the deployment is over or holds nothing back. */
export async function standingOf(em: Em, id: string, now: Date): Promise<Rollout | null> {
  const deployment = await findDeployment(em, id);
  if (!deployment || isSettled(deployment.state)) return null;
  const targets = (await targetsOf(em, id)).filter(isMember);
  const stack = await findStack(em, deployment.stack);
  if (!stack || !targets.some(({ state }) => state === 'held')) return null;
  const nodes = await activeNodes(em);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const decision = decide({
    rollout: stack.settings.rollout,
    members: targets.map((target) => memberOf(target, byId.get(target.node))),
    approvedBatch: deployment.approvedBatch,
    cancelled: deployment.cancelled,
    waitsFor: await whatIsMissing(em, stack.settings.dependsOn, nodes),
    now: now.getTime(),
  });
  return { deployment, stack, nodes, targets, decision };
}

function isUnchanged({ deployment, decision }: Rollout): boolean {
  const { release, stopped, reason, pausedUntil } = decision;
  if (release.length > 0 || stopped !== null) return false;
  return reason === (deployment.reason ?? null) && pausedUntil === (deployment.pausedUntil?.getTime() ?? null);
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
      if (!change?.to.deployment) throw error;
      const reason = error.message;
      const failed = { state: 'failed', reason, finishedAt: issuer.now(), batch, generation: 1 } as const;
      await saveTarget(em, { deployment: change.to.deployment, node: change.node, ...failed });
      rest = rest.filter((other) => other !== change);
    }
  }
}

async function letGo(em: Em, issuer: Issuer, rollout: Rollout): Promise<void> {
  const { deployment, stack, nodes, targets, decision } = rollout;
  const going = new Set(decision.release);
  const held = targets.filter(({ node, state }) => state === 'held' && !going.has(node)).map(({ node }) => node);
  const concerned = nodes.filter(({ id }) => going.has(id));
  const assigned = await assignedTo(em, { stacks: [stack.name] });
  const placed = placedStack(stack, new Set(held));
  const changes = place([placed], concerned.map(placedNode), assigned, deployment.id);
  await sendOut(em, issuer, nodes, changes, decision.batch);
  const changing = new Set(changes.map(({ node }) => node));
  const finished = { state: 'succeeded', reason: 'nothing changes here', finishedAt: issuer.now() } as const;
  for (const node of going) {
    if (!changing.has(node)) await saveTarget(em, { deployment: deployment.id, node, ...finished });
  }
}

async function stop(em: Em, issuer: Issuer, { deployment, nodes, targets }: Rollout, reason: string): Promise<void> {
  await explainHeld(em, deployment.id, reason);
  const away = new Set(nodes.filter(({ liveness }) => liveness === 'offline').map(({ id }) => id));
  const isOpen = targets.some(({ node, state }) => (state === 'pending' || state === 'progressing') && !away.has(node));
  const outcomes = new Set(targets.map(({ state }) => state));
  const isUndone = outcomes.has('rolled-back') && !outcomes.has('failed');
  const state = isOpen ? 'progressing' : isUndone ? 'rolled-back' : 'failed';
  const why = targets.find((target) => target.state === (isUndone ? 'rolled-back' : 'failed'))?.reason;
  await conclude(em, issuer, deployment, { state, reason: why ? `${reason}: ${why}` : reason });
}

/** Moves one rollout on as far as it may go now. The caller holds the placement lock. */
export async function release(em: Em, issuer: Issuer, id: string): Promise<void> {
  const deployment = await findDeployment(em, id);
  if (!deployment) return;
  // All that letting go will lock, at once and in order. Who holds the placement lock alone changes assignments.
  const assigned = await assignedTo(em, { stacks: [deployment.stack] });
  const before = [...assigned.values()].map((own) => own.get(deployment.stack)?.deployment ?? id);
  await lockDeployments(em, [id, ...before]);
  const rollout = await standingOf(em, id, issuer.now());
  if (!rollout || isUnchanged(rollout)) return;
  const { decision } = rollout;
  if (decision.stopped !== null) return stop(em, issuer, rollout, decision.stopped);
  const pausedUntil = decision.pausedUntil === null ? null : new Date(decision.pausedUntil);
  await saveOutcome(em, { id, pausedUntil });
  if (decision.release.length > 0) await letGo(em, issuer, rollout);
  const { state } = rollout.deployment;
  await conclude(em, issuer, rollout.deployment, { state, reason: decision.reason });
  await settle(em, issuer, id);
}

/** Every rollout that can move. What it decides is decided again under the locks. @returns how many are under way */
export async function releaseDue(database: Database, issuer: Issuer): Promise<number> {
  const ids = await database.read(rolloutsUnderWay);
  for (const id of ids) {
    const rollout = await database.read((em) => standingOf(em, id, issuer.now()));
    if (!rollout || isUnchanged(rollout)) continue;
    await database.transaction(async (em) => {
      await lockPlacement(em);
      await release(em, issuer, id);
    });
  }
  return ids.length;
}
