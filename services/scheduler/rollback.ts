// Back to an earlier revision by hand: its content becomes the newest revision, with the secrets of today and the images
// that it had. Volumes stay as they are.
import { OverseerError } from '#subjects/errors.ts';
import type { RollbackStack } from '#subjects/schema/stack.ts';
import type { Issuer } from './issuer.ts';
import { secretVersions } from './secrets/used.ts';
import { livingStack, redeploy, type Stored } from './stacks.ts';
import { type Em, lockPlacement } from './store/rows.ts';
import { findRevision, lastGoodRevision } from './store/stacks.ts';

function notFound(detail: string): OverseerError {
  return new OverseerError('revision-not-found', detail);
}

/** @throws OverseerError `stack-not-found`, `revision-not-found`, `secret-not-found`, `document-too-large` */
export async function rollbackStack(em: Em, issuer: Issuer, request: RollbackStack): Promise<Stored> {
  const { by, name } = request;
  await lockPlacement(em);
  const stack = await livingStack(em, name);
  const revision = request.revision ?? (await lastGoodRevision(em, stack));
  if (revision === null) throw notFound(`no earlier revision of ${name} has run`);
  const wanted = await findRevision(em, name, revision);
  if (!wanted) throw notFound(`stack ${name} has no revision ${revision}`);
  const { content, commit, pins, hash } = wanted;
  if (hash === stack.contentHash) {
    const { deployment } = stack;
    return { name, revision: stack.revision, deployment: deployment ?? null, changed: false, warnings: [] };
  }
  const resolution = { pins, secrets: await secretVersions(em, content) };
  // What was fetched last stays noted: the source brings back only what it says anew.
  const sourceState = stack.sourceState && { ...stack.sourceState, commit: commit ?? null };
  const change = { content, commit: commit ?? null, resolution, sourceState: sourceState ?? null, imageState: [] };
  return redeploy(em, issuer, name, change, by, 'stack.rollback');
}
