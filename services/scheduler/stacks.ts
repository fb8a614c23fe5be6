// Storing and removing a stack: one transaction each, with revision, deployment, documents, facts and audit record.
import { type Auditable, record } from '#infra/postgres/audit.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { RemoveStack, RemoveStackAnswer } from '#subjects/schema/stack.ts';
import { checkDependencies } from './dependencies.ts';
import { deploy } from './deploying.ts';
import { contentHash, isSame, stackHash } from './fingerprint.ts';
import type { Issuer } from './issuer.ts';
import { type Content, NOTHING_RESOLVED, type Resolution, type Specification } from './specification.ts';
import { findDeployment } from './store/deployments.ts';
import { StackRow } from './store/entities.ts';
import { activeNodes } from './store/nodes.ts';
import { type Em, lockPlacement } from './store/rows.ts';
import { addRevision, contentOf, findRevision, findStack } from './store/stacks.ts';

export interface Stored {
  readonly name: string;
  readonly revision: number;
  readonly deployment: string | null;
  readonly changed: boolean;
  readonly warnings: string[];
}

/** What comes with a specification from elsewhere. What is not given stays as it is. */
export type Circumstances = Partial<{
  readonly resolution: Resolution;
  readonly commit: string | null;
  readonly sourceState: StackRow['sourceState'];
  readonly imageState: StackRow['imageState'];
}>;

export type StackChange = Circumstances &
  Partial<{
    readonly state: 'running' | 'stopped';
    readonly stoppedNodes: readonly string[];
    readonly content: Content;
  }>;

/** What one revision is: its content and the images it runs. What of them is pinned anew is another one to go back from. */
export function isSameRevision(
  stored: Pick<StackRow, 'contentHash' | 'resolution'> | null,
  hash: string,
  { pins }: Pick<Resolution, 'pins'>,
): boolean {
  return stored !== null && stored.contentHash === hash && isSame(stored.resolution.pins, pins);
}

type Entry = Pick<Auditable, 'action' | 'detail'>;

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

function answerOf(stack: StackRow, changed: boolean, warnings: string[] = []): Stored {
  return { name: stack.name, revision: stack.revision, deployment: stack.deployment ?? null, changed, warnings };
}

export function checkTargets(wanted: readonly string[] | undefined, known: ReadonlySet<string>): void {
  const missing = wanted?.find((id) => !known.has(id));
  if (missing === undefined) return;
  throw new OverseerError('node-not-found', `there is no node ${missing}`, { fields: { node: missing } });
}

/** @throws OverseerError `stack-not-found` */
export async function livingStack(em: Em, name: string): Promise<StackRow> {
  const stored = await findStack(em, name);
  if (!stored || stored.removedAt) throw new OverseerError('stack-not-found', `there is no stack ${name}`);
  return stored;
}

export async function recordAccepted(em: Em, issuer: Issuer, by: Actor, stack: string, entry: Entry): Promise<void> {
  const what = { actor: by, object: `stacks/${stack}`, outcome: 'accepted', ...entry } as const;
  await record(em, 'scheduler', what, issuer.now());
}

/** The stack as it is to be, its revision if that is new, and a deployment. The caller holds the placement lock. */
async function save(
  em: Em,
  issuer: Issuer,
  stack: Omit<StackRow, 'hash' | 'stoppedHash' | 'deployment' | 'updatedAt'>,
  added: { readonly content: Content; readonly commit: string | null } | null,
  by: Actor,
  action: string,
): Promise<Stored> {
  const { name, revision, contentHash: hash, state, resolution } = stack;
  const now = issuer.now();
  const row = {
    ...stack,
    hash: stackHash(hash, state, resolution),
    stoppedHash: stackHash(hash, 'stopped', resolution),
    deployment: issuer.newId(),
    updatedAt: now,
  } as StackRow;
  const deployment = row.deployment as string;
  await em.upsert(StackRow, row);
  if (added) {
    const { content, commit } = added;
    const { pins } = resolution;
    await addRevision(em, {
      ...{ stack: name, revision, hash, content, commit, pins },
      ...{ deployment, createdAt: now, createdBy: by.id },
    });
  }
  await deploy(em, issuer, row, 'apply', by);
  await recordAccepted(em, issuer, by, name, { action, detail: { revision, deployment, hash, state } });
  return answerOf(row, true);
}

/** An adopted stack stays where it is, whatever is put under its name. */
export async function inItsPlace(em: Em, stored: StackRow | null, content: Content): Promise<Content> {
  if (!stored || stored.removedAt || content.place !== null) return content;
  const place = (await contentOf(em, stored.name, stored.revision))?.place ?? null;
  return place === null ? content : { ...content, place };
}

/** Putting again what failed is how it is tried again. */
export async function hasEndedBadly(em: Em, { deployment }: StackRow): Promise<boolean> {
  const state = deployment ? (await findDeployment(em, deployment))?.state : null;
  return state === 'failed' || state === 'rolled-back';
}

/**
 * @throws OverseerError `node-not-found`, `document-too-large`, `invalid-input` when stacks would wait for each other:
 * nothing is stored then
 */
export async function storeStack(
  em: Em,
  issuer: Issuer,
  name: string,
  specification: Specification,
  by: Actor,
  given: Circumstances = {},
): Promise<Stored> {
  await lockPlacement(em);
  checkTargets(specification.targets.nodes, new Set((await activeNodes(em)).map(({ id }) => id)));
  const stored = await findStack(em, name);
  const before = stored?.removedAt ? null : stored;
  const content = await inItsPlace(em, before, specification.content);
  const { settings, targets, state } = specification;
  const warnings = await checkDependencies(em, name, settings.dependsOn);
  const resolution = given.resolution ?? before?.resolution ?? NOTHING_RESOLVED;
  const isSettledWell = before !== null && isSame(before.resolution, resolution) && !(await hasEndedBadly(em, before));
  if (before && isSettledWell && isUnchanged(before, { ...specification, content })) {
    const { sourceState } = given;
    if (sourceState) await em.nativeUpdate(StackRow, { name }, { sourceState });
    return answerOf(before, false, warnings);
  }
  const hash = contentHash(content);
  const isNew = !isSameRevision(stored, hash, resolution);
  const stack = {
    ...{ name, state, contentHash: hash, targets, settings, resolution },
    revision: (stored?.revision ?? 0) + (isNew ? 1 : 0),
    stoppedNodes: before?.state === state ? before.stoppedNodes : [],
    sourceState: given.sourceState ?? (settings.source ? (before?.sourceState ?? null) : null),
    imageState: given.imageState ?? (settings.images ? (before?.imageState ?? []) : []),
    createdAt: before?.createdAt ?? issuer.now(),
    ...{ removedAt: null, removedVolumes: false },
  };
  const added = isNew ? { content, commit: given.commit ?? null } : null;
  return { ...(await save(em, issuer, stack, added, by, 'stack.put')), warnings };
}

/**
 * Stores what changed of a stack, under a new revision only when its content or its images did. A deployment is made when
 * nodes have something to do.
 * @throws OverseerError `stack-not-found`, `document-too-large`
 */
export async function redeploy(
  em: Em,
  issuer: Issuer,
  name: string,
  change: StackChange,
  by: Actor,
  action = 'stack.redeploy',
): Promise<Stored> {
  await lockPlacement(em);
  const stored = await livingStack(em, name);
  const { content: wanted, commit, ...rest } = change;
  const content = wanted && (await inItsPlace(em, stored, wanted));
  const hash = content ? contentHash(content) : stored.contentHash;
  const resolution = change.resolution ?? stored.resolution;
  const isNew = !isSameRevision(stored, hash, resolution);
  const stoppedNodes = [...new Set(change.stoppedNodes ?? stored.stoppedNodes)].sort();
  const stack = {
    ...stored,
    ...rest,
    stoppedNodes,
    contentHash: hash,
    revision: stored.revision + (isNew ? 1 : 0),
  };
  const isStill =
    stored.hash === stackHash(hash, stack.state, stack.resolution) &&
    (stack.state === 'stopped' || isSame(stored.stoppedNodes, stoppedNodes));
  if (isStill) {
    const { sourceState, imageState } = stack;
    await em.nativeUpdate(StackRow, { name }, { sourceState: sourceState ?? null, imageState, stoppedNodes });
    return answerOf(stored, false);
  }
  if (!isNew) return save(em, issuer, stack, null, by, action);
  const before = await findRevision(em, name, stored.revision);
  if (!before) throw new Error(`revision ${stored.revision} of ${name} is not stored`);
  const added = { content: content ?? before.content, commit: commit === undefined ? (before.commit ?? null) : commit };
  return save(em, issuer, stack, added, by, action);
}

/** @throws OverseerError `stack-not-found` */
export async function removeStack(em: Em, issuer: Issuer, request: RemoveStack): Promise<RemoveStackAnswer> {
  const { by, name, volumes } = request;
  await lockPlacement(em);
  const stored = await livingStack(em, name);
  const now = issuer.now();
  const deployment = issuer.newId();
  const change = { deployment, removedAt: now, removedVolumes: volumes, updatedAt: now };
  await em.nativeUpdate(StackRow, { name }, change);
  await deploy(em, issuer, { ...stored, ...change } as StackRow, 'remove', by);
  await recordAccepted(em, issuer, by, name, { action: 'stack.remove', detail: { volumes, deployment } });
  return { name, deployment };
}
