// Begins a deployment: what changes at once, what waits for its batch, and what has all of it already.
import type { Actor } from '#subjects/schema/actor.ts';
import type { DeploymentKind } from '#subjects/schema/deployment.ts';
import { plannedBatches } from './batches.ts';
import type { Issuer } from './issuer.ts';
import { keepOwnVersions } from './keeping.ts';
import { type Change, isTarget, place } from './placement.ts';
import { applyChanges, heldTarget, isAway, placedNode, placedStack } from './placing.ts';
import { newsOf, settle, tell } from './progress.ts';
import { release } from './release.ts';
import { SUPERSEDED } from './rollout.ts';
import type { Settings } from './specification.ts';
import { assignedTo } from './store/assignments.ts';
import {
  addDeployment,
  lockDeployments,
  openDeployments,
  saveOutcome,
  saveTargets,
  supersedeTargets,
} from './store/deployments.ts';
import type { DeploymentRow, StackRow, TargetRow } from './store/entities.ts';
import { activeNodes } from './store/nodes.ts';
import type { Em } from './store/rows.ts';

/** Of what a deployment of this kind takes the place. A removal ends commands as well: their stack is gone. */
const SUPERSEDES: Readonly<Record<'apply' | 'remove', readonly DeploymentKind[]>> = {
  apply: ['apply', 'remove'],
  remove: ['apply', 'remove', 'restart', 'pull'],
};

async function supersede(em: Em, issuer: Issuer, stack: string, kinds: readonly DeploymentKind[]): Promise<void> {
  await lockDeployments(
    em,
    (await openDeployments(em, stack, kinds)).map(({ id }) => id),
  );
  const end = { state: 'superseded', reason: SUPERSEDED, finishedAt: issuer.now() } as const;
  for (const deployment of await openDeployments(em, stack, kinds)) {
    await saveOutcome(em, { id: deployment.id, ...end });
    await tell(em, issuer, 'finished', newsOf({ ...deployment, ...end }));
  }
  await supersedeTargets(em, stack, kinds, end.reason, end.finishedAt);
}

export async function begin(
  em: Em,
  issuer: Issuer,
  wanted: Pick<DeploymentRow, 'id' | 'stack' | 'kind' | 'revision'>,
  by: Actor,
): Promise<void> {
  const { id, stack, kind, revision } = wanted;
  const deployment = {
    ...{ id, stack, kind, revision, state: 'pending', reason: null, createdAt: issuer.now(), createdBy: by.id },
    ...{ finishedAt: null, pausedUntil: null, approvedBatch: 0, cancelled: false },
  } as DeploymentRow;
  await addDeployment(em, deployment);
  await tell(em, issuer, 'created', newsOf(deployment), by);
}

/** Stopping is never held back, and neither is leaving. */
function isHeldBack({ to }: Change, { rollout, dependsOn }: Settings): boolean {
  const isRollout = rollout.batch !== null || rollout.maxUnavailable !== null || dependsOn.length > 0;
  return isRollout && to.kind === 'run' && to.state === 'running';
}

/** The newest deployment of a stack that was stored just now. The caller holds the placement lock. */
export async function deploy(
  em: Em,
  issuer: Issuer,
  stack: StackRow,
  kind: 'apply' | 'remove',
  by: Actor,
): Promise<void> {
  const id = stack.deployment as string;
  const { name, revision, settings } = stack;
  await supersede(em, issuer, name, SUPERSEDES[kind]);
  await begin(em, issuer, { id, stack: name, kind, revision }, by);
  const nodes = await activeNodes(em);
  const placed = placedStack(stack);
  const newest = place([placed], nodes.map(placedNode), await assignedTo(em, { stacks: [name] }), id);
  const changes = await keepOwnVersions(em, placed, newest);
  const waiting = new Set(changes.filter((change) => isHeldBack(change, settings)).map(({ node }) => node));
  const atOnce = changes.filter(({ node }) => !waiting.has(node));
  await applyChanges(em, issuer, nodes, atOnce);
  const planned = plannedBatches(
    settings.rollout,
    nodes.filter((node) => waiting.has(node.id)).map((node) => ({ node: node.id, parked: isAway(node) })),
  );
  const changing = new Set(changes.map(({ node }) => node));
  const finished = { state: 'succeeded', reason: 'nothing changes here', finishedAt: issuer.now() } as const;
  const rest = nodes.flatMap((row): TargetRow[] => {
    const node = placedNode(row);
    const held = heldTarget(id, placed, row, planned.get(node.id) ?? 1);
    if (waiting.has(node.id)) return [held];
    if (placed.removed || node.drained || !isTarget(placed.targets, node) || changing.has(node.id)) return [];
    return [{ ...held, parked: false, ...finished }];
  });
  await saveTargets(em, rest);
  if (waiting.size > 0) await release(em, issuer, id);
  await settle(em, issuer, id);
}
