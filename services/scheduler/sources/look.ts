// One look at a stack's git source. What changed at its own path is checked as if it had been sent, and deployed; a source
// that fails is noted, and the running stack is left in peace.
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { SourceState } from '#subjects/schema/source.ts';
import { contentHash, isSame } from '../fingerprint.ts';
import { resolvePins } from '../images/pins.ts';
import { secretVersions, withExternalSecrets } from '../secrets/used.ts';
import type { Specification } from '../specification.ts';
import { redeploy, type StackChange } from '../stacks.ts';
import { StackRow } from '../store/entities.ts';
import { type Em, lockPlacement } from '../store/rows.ts';
import { contentOf, findStack } from '../store/stacks.ts';
import { contentFrom, failedLook, foundCommit, knownCommit, lookedAt } from './decisions.ts';
import type { FetchedSource } from './fetch.ts';
import type { LookParts } from './parts.ts';

export interface Look {
  readonly failed: boolean;
  readonly retrySeconds: number | null;
  readonly changed: boolean;
}

export const NOTHING_SEEN: Look = { failed: false, retrySeconds: null, changed: false };

async function note(em: Em, name: string, sourceState: SourceState): Promise<void> {
  await em.nativeUpdate(StackRow, { name }, { sourceState });
}

/** Faults that are the operator's to mend; others are ours and end up in the log. */
function isTheirs(error: unknown): error is OverseerError {
  return error instanceof OverseerError && !['internal', 'unavailable'].includes(error.code);
}

async function present(em: Em, { name, revision, settings, targets, state }: StackRow): Promise<Specification> {
  const content = await contentOf(em, name, revision);
  if (!content) throw new OverseerError('internal', `revision ${revision} of ${name} is not stored`);
  return { content, settings, targets, state };
}

async function takeUp(parts: LookParts, row: StackRow, fetched: FetchedSource, by: Actor): Promise<Look> {
  const { database, issuer, compose, origins } = parts;
  const { name, settings } = row;
  const { commit } = fetched;
  const bare = contentFrom(await database.read((em) => present(em, row)), fetched);
  const model = await compose.check(name, bare);
  const content = withExternalSecrets(bare, model);
  const isChanged = contentHash(content) !== row.contentHash;
  const known = { pins: row.resolution.pins, images: row.imageState };
  const images = isChanged ? await resolvePins(origins.images, model, settings.images, known) : null;
  return database.transaction(async (em) => {
    await lockPlacement(em);
    const now = await findStack(em, name);
    // Put or removed while we looked: whoever did that looked themselves.
    if (!now || now.removedAt || now.updatedAt.getTime() !== row.updatedAt.getTime()) return NOTHING_SEEN;
    const sourceState = foundCommit(now.sourceState ?? null, commit, isChanged, issuer.now().toISOString());
    if (!isChanged) {
      await note(em, name, sourceState);
      return NOTHING_SEEN;
    }
    const secrets = await secretVersions(em, content);
    const resolution = { pins: images?.pins ?? {}, secrets };
    const change: StackChange = { content, commit, resolution, sourceState, imageState: images?.images ?? [] };
    const { changed } = await redeploy(em, issuer, name, change, by, 'stack.source');
    return { ...NOTHING_SEEN, changed };
  });
}

/** @param isForced fetches even the commit that was seen last */
export async function lookAtSource(parts: LookParts, name: string, by: Actor, isForced = false): Promise<Look> {
  const { database, issuer, origins, log } = parts;
  const row = await database.read((em) => findStack(em, name));
  const source = row && !row.removedAt ? row.settings.source : null;
  if (!row || source === null) return NOTHING_SEEN;
  const at = () => issuer.now().toISOString();
  let seen: string | null = null;
  try {
    const fetched = await origins.reader.fetchChanged(source, isForced ? null : knownCommit(row.sourceState ?? null));
    seen = fetched?.commit ?? null;
    if (fetched) return await takeUp(parts, row, fetched, by);
    await database.transaction((em) => note(em, name, lookedAt(row.sourceState ?? null, at())));
    return NOTHING_SEEN;
  } catch (error) {
    origins.signal.throwIfAborted();
    if (!isTheirs(error)) log.warn({ err: error, stack: name }, 'a source could not be looked at');
    const words = isTheirs(error) ? error.message : 'the core could not look at it; its log says why';
    await database.transaction(async (em) => {
      const now = await findStack(em, name);
      if (!now || !isSame(now.settings.source, source)) return;
      await note(em, name, failedLook(now.sourceState ?? null, seen, words, at()));
    });
    return { ...NOTHING_SEEN, failed: true };
  }
}
