// Back to an earlier revision by hand: its content becomes the newest revision, with the secrets of today and the images
// that it had. Volumes stay as they are.
import { OverseerError } from '#subjects/errors.ts';
import type { RollbackStack } from '#subjects/schema/stack.ts';
import { deadlineIn, storeBefore } from './deadline.ts';
import type { SchedulerParts } from './handlers.ts';
import { repinned } from './images/image-state.ts';
import type { Issuer } from './issuer.ts';
import { secretVersions } from './secrets/used.ts';
import { isSameRevision, livingStack, redeploy, type Stored } from './stacks.ts';
import type { RevisionRow } from './store/entities.ts';
import type { Em } from './store/rows.ts';
import { findRevision, lastGoodRevision } from './store/stacks.ts';

/** The gateway waits a little longer. */
const WITHIN_MS = 17_000;

function notFound(detail: string): OverseerError {
  return new OverseerError('revision-not-found', detail);
}

async function wantedRevision(em: Em, { name, revision }: RollbackStack): Promise<RevisionRow> {
  const stack = await livingStack(em, name);
  const number = revision ?? (await lastGoodRevision(em, stack));
  if (number === null) throw notFound(`no earlier revision of ${name} has run`);
  const wanted = await findRevision(em, name, number);
  if (!wanted) throw notFound(`stack ${name} has no revision ${number}`);
  return wanted;
}

async function goBack(em: Em, issuer: Issuer, { by, name }: RollbackStack, wanted: RevisionRow): Promise<Stored> {
  const stack = await livingStack(em, name);
  const { content, commit, pins, hash } = wanted;
  if (isSameRevision(stack, hash, { pins })) {
    const { deployment } = stack;
    return { name, revision: stack.revision, deployment: deployment ?? null, changed: false, warnings: [] };
  }
  const resolution = { pins, secrets: await secretVersions(em, content) };
  // What was seen last stays noted: source and registries bring back only what they say anew.
  const sourceState = stack.sourceState && { ...stack.sourceState, commit: commit ?? null };
  const seen = { sourceState: sourceState ?? null, imageState: repinned(stack.imageState, pins) };
  const change = { content, commit: commit ?? null, resolution, ...seen };
  return redeploy(em, issuer, name, change, by, 'stack.rollback');
}

/**
 * The policy of today judges what was stored under that of another day.
 * @throws OverseerError `stack-not-found`, `revision-not-found`, `secret-not-found`, `policy-refused`, `document-too-large`
 */
export async function rollbackStack(parts: SchedulerParts, request: RollbackStack): Promise<Stored> {
  const { database, issuer, compose } = parts;
  const deadline = deadlineIn(WITHIN_MS, 'it could not be judged by the policy in time; try again');
  const wanted = await database.read((em) => wantedRevision(em, request));
  await deadline.within(compose.judge(request.name, wanted.content));
  return storeBefore(database, deadline, (em) => goBack(em, issuer, request, wanted));
}
