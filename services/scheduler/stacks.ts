// Storing and removing a stack: one transaction each, with revision, deployment, documents, facts and audit record.
import { type Auditable, record } from '#infra/postgres/audit.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { DeploymentKind } from '#subjects/schema/deployment.ts';
import type { RemoveStack, RemoveStackAnswer } from '#subjects/schema/stack.ts';
import { contentHash, isSame, stackHash } from './fingerprint.ts';
import type { Issuer } from './issuer.ts';
import { isTarget, place } from './placement.ts';
import { applyChanges, placedNode, placedStack } from './placing.ts';
import { newsOf, settle, tell } from './progress.ts';
import { SUPERSEDED } from './rollout.ts';
import { NOTHING_RESOLVED, type Specification } from './specification.ts';
import { assignedTo } from './store/assignments.ts';
import {
  addDeployment,
  lockDeployments,
  openDeployments,
  saveOutcome,
  saveTargets,
  supersedeTargets,
} from './store/deployments.ts';
import { type DeploymentRow, StackRow, type TargetRow } from './store/entities.ts';
import { activeNodes } from './store/nodes.ts';
import { type Em, lockPlacement } from './store/rows.ts';
import { addRevision, findStack } from './store/stacks.ts';

export interface Stored {
  readonly name: string;
  readonly revision: number;
  readonly deployment: string | null;
  readonly changed: boolean;
  readonly warnings: string[];
}

/** Is this what is stored already? Then nothing has to be checked, and nothing changes. */
export function isUnchanged(stored: StackRow | null, specification: Specification): boolean {
  return (
    stored !== null &&
    !stored.removedAt &&
    stored.contentHash === contentHash(specification.content) &&
    stored.state === specification.state &&
    isSame(stored.settings, specification.settings) &&
    isSame(stored.targets, specification.targets)
  );
}

function answerOf(stack: StackRow, changed: boolean): Stored {
  return { name: stack.name, revision: stack.revision, deployment: stack.deployment ?? null, changed, warnings: [] };
}

function checkTargets(wanted: readonly string[] | undefined, known: ReadonlySet<string>): void {
  const missing = wanted?.find((id) => !known.has(id));
  if (missing === undefined) return;
  throw new OverseerError('node-not-found', `there is no node ${missing}`, { fields: { node: missing } });
}

async function supersede(em: Em, issuer: Issuer, stack: string): Promise<void> {
  await lockDeployments(
    em,
    (await openDeployments(em, stack)).map(({ id }) => id),
  );
  const end = { state: 'superseded', reason: SUPERSEDED, finishedAt: issuer.now() } as const;
  for (const deployment of await openDeployments(em, stack)) {
    await saveOutcome(em, { id: deployment.id, ...end });
    await tell(em, issuer, 'finished', newsOf({ ...deployment, ...end }));
  }
  await supersedeTargets(em, stack, end.reason, end.finishedAt);
}

/** The deployment with its targets: nodes that change, and nodes that have all of it already. */
async function deploy(em: Em, issuer: Issuer, stack: StackRow, kind: DeploymentKind, by: Actor): Promise<void> {
  const id = stack.deployment as string;
  await supersede(em, issuer, stack.name);
  const deployment = {
    id,
    stack: stack.name,
    kind,
    revision: stack.revision,
    state: 'pending',
    reason: null,
    createdAt: issuer.now(),
    createdBy: by.id,
    finishedAt: null,
    pausedUntil: null,
    approvedBatch: 0,
    cancelled: false,
  } as DeploymentRow;
  await addDeployment(em, deployment);
  await tell(em, issuer, 'created', newsOf(deployment));
  const nodes = await activeNodes(em);
  const placed = placedStack(stack);
  const changes = place([placed], nodes.map(placedNode), await assignedTo(em, { stacks: [stack.name] }), id);
  const generations = await applyChanges(em, issuer, nodes, changes);
  const kept = nodes.filter((row) => {
    const node = placedNode(row);
    return !placed.removed && !node.drained && isTarget(placed.targets, node) && !generations.has(node.id);
  });
  const settled = { state: 'succeeded', reason: 'nothing changes here', finishedAt: issuer.now() } as const;
  const rest = {
    deployment: id,
    stack: stack.name,
    action: 'run',
    hash: stack.hash,
    generation: 0,
    parked: false,
    batch: 1,
    failure: null,
  };
  await saveTargets(
    em,
    kept.map((node) => ({ ...rest, node: node.id, ...settled }) as TargetRow),
  );
  await settle(em, issuer, id);
}

async function recordAccepted(
  em: Em,
  actor: Actor,
  action: string,
  stack: string,
  detail: Auditable['detail'],
  at: Date,
): Promise<void> {
  await record(em, 'scheduler', { actor, action, object: `stacks/${stack}`, outcome: 'accepted', detail }, at);
}

/**
 * @throws OverseerError `node-not-found`, `document-too-large`: nothing is stored then
 */
export async function storeStack(
  em: Em,
  issuer: Issuer,
  name: string,
  specification: Specification,
  by: Actor,
): Promise<Stored> {
  const { content, settings, targets, state } = specification;
  await lockPlacement(em);
  checkTargets(targets.nodes, new Set((await activeNodes(em)).map(({ id }) => id)));
  const stored = await findStack(em, name);
  if (stored && isUnchanged(stored, specification)) return answerOf(stored, false);
  const hash = contentHash(content);
  const resolution = stored?.resolution ?? NOTHING_RESOLVED;
  const isNewContent = stored?.contentHash !== hash;
  const now = issuer.now();
  const stack = {
    name,
    revision: (stored?.revision ?? 0) + (isNewContent ? 1 : 0),
    state,
    contentHash: hash,
    hash: stackHash(hash, state, resolution),
    stoppedHash: stackHash(hash, 'stopped', resolution),
    targets,
    settings,
    resolution,
    stoppedNodes: [],
    sourceState: null,
    imageState: [],
    deployment: issuer.newId(),
    createdAt: stored && !stored.removedAt ? stored.createdAt : now,
    updatedAt: now,
    removedAt: null,
    removedVolumes: false,
  };
  await em.upsert(StackRow, stack);
  if (isNewContent) {
    const { revision, deployment } = stack;
    await addRevision(em, {
      stack: name,
      revision,
      hash,
      content,
      deployment,
      createdAt: now,
      createdBy: by.id,
      commit: null,
    });
  }
  await deploy(em, issuer, stack as StackRow, 'apply', by);
  const detail = { revision: stack.revision, deployment: stack.deployment, hash, state };
  await recordAccepted(em, by, 'stack.put', name, detail, now);
  return answerOf(stack as StackRow, true);
}

/** @throws OverseerError `stack-not-found` */
export async function removeStack(em: Em, issuer: Issuer, request: RemoveStack): Promise<RemoveStackAnswer> {
  const { by, name, volumes } = request;
  await lockPlacement(em);
  const stored = await findStack(em, name);
  if (!stored || stored.removedAt) throw new OverseerError('stack-not-found', `there is no stack ${name}`);
  const now = issuer.now();
  const deployment = issuer.newId();
  const change = { deployment, removedAt: now, removedVolumes: volumes, updatedAt: now };
  await em.nativeUpdate(StackRow, { name }, change);
  await deploy(em, issuer, { ...stored, ...change } as StackRow, 'remove', by);
  await recordAccepted(em, by, 'stack.remove', name, { volumes, deployment }, now);
  return { name, deployment };
}
