// One look at a stack's git source. What changed at its own path is checked as if it had been sent, and deployed; a source
// that fails is noted, and the running stack is left in peace.
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { GitSource, SourceState } from '#subjects/schema/source.ts';
import { contentHash, isSame, sourceHash } from '../fingerprint.ts';
import { resolvePins } from '../images/pins.ts';
import { secretVersions, withExternalSecrets } from '../secrets/used.ts';
import type { Specification } from '../specification.ts';
import { redeploy, type StackChange } from '../stacks.ts';
import { StackRow } from '../store/entities.ts';
import { type Em, lockPlacement } from '../store/rows.ts';
import { contentOf, findStack } from '../store/stacks.ts';
import { contentFrom, failedLook, foundCommit, isNews, knownCommit, lookedAt, whyNothing } from './decisions.ts';
import type { FetchedSource } from './fetch.ts';
import type { LookParts } from './parts.ts';

export interface Look {
  readonly failed: boolean;
  readonly changed: boolean;
  /** Why a source that could be looked at changed nothing; null when it did, or there is nothing to say. */
  readonly reason: string | null;
}

export const NOTHING_SEEN: Look = { failed: false, changed: false, reason: null };

/** The stack was put, scaled or got another image while we looked: what was found is not for the stack as it is now. */
const MOVED = Symbol('moved');
/** A stack that moves this often is looked at again when it has come to rest. */
const TRIES = 3;
const RESTLESS = 'the stack changed each time its source was looked at; it is looked at again soon';

/** Under the lock, so that no state goes back to what it was before a put. */
async function note(
  { database }: LookParts,
  name: string,
  source: GitSource,
  state: (before: SourceState | null) => SourceState,
): Promise<void> {
  await database.transaction(async (em) => {
    await lockPlacement(em);
    const now = await findStack(em, name);
    if (!now || now.removedAt || !isSame(now.settings.source, source)) return;
    await em.nativeUpdate(StackRow, { name }, { sourceState: state(now.sourceState ?? null) });
  });
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

/** All that what was fetched is put together with. */
function basis({ settings, contentHash: hash, resolution, sourceState }: StackRow): unknown {
  return [settings, hash, resolution.pins, sourceState?.fetched ?? null];
}

async function takeUp(
  parts: LookParts,
  row: StackRow,
  fetched: FetchedSource,
  by: Actor,
): Promise<Look | typeof MOVED> {
  const { database, issuer, compose, origins } = parts;
  const { name, settings } = row;
  const { commit } = fetched;
  const bare = contentFrom(await database.read((em) => present(em, row)), fetched);
  const model = await compose.check(name, bare);
  const content = withExternalSecrets(bare, model);
  const hash = sourceHash(fetched);
  const standing = {
    ...{ present: row.contentHash, wanted: contentHash(content) },
    ...{ hash, fetched: row.sourceState?.fetched },
  };
  const isChanged = isNews(standing);
  const known = { pins: row.resolution.pins, images: row.imageState };
  const images = isChanged ? await resolvePins(origins.images, model, settings.images, known) : null;
  return database.transaction(async (em) => {
    await lockPlacement(em);
    const now = await findStack(em, name);
    // Removed, or put with another source: whoever did that looked themselves.
    if (!now || now.removedAt || !isSame(now.settings.source, settings.source)) return NOTHING_SEEN;
    if (!isSame(basis(now), basis(row))) return MOVED;
    const sourceState = foundCommit(now.sourceState ?? null, { commit, hash }, isChanged, issuer.now().toISOString());
    if (!isChanged) {
      await em.nativeUpdate(StackRow, { name }, { sourceState });
      return { ...NOTHING_SEEN, reason: whyNothing(standing, commit) };
    }
    const secrets = await secretVersions(em, content);
    const resolution = { pins: images?.pins ?? {}, secrets };
    const change: StackChange = { content, commit, resolution, sourceState, imageState: images?.images ?? [] };
    const { changed } = await redeploy(em, issuer, name, change, by, 'stack.source');
    return { ...NOTHING_SEEN, changed };
  });
}

async function lookOnce(parts: LookParts, name: string, by: Actor, isForced: boolean): Promise<Look | typeof MOVED> {
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
    await note(parts, name, source, (before) => lookedAt(before, at()));
    return NOTHING_SEEN;
  } catch (error) {
    origins.signal.throwIfAborted();
    if (!isTheirs(error)) log.warn({ err: error, stack: name }, 'a source could not be looked at');
    const words = isTheirs(error) ? error.message : 'the core could not look at it; its log says why';
    await note(parts, name, source, (before) => failedLook(before, seen, words, at()));
    return { ...NOTHING_SEEN, failed: true };
  }
}

/** @param isForced fetches even the commit that was seen last */
export async function lookAtSource(parts: LookParts, name: string, by: Actor, isForced = false): Promise<Look> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const look = await lookOnce(parts, name, by, isForced);
    if (look !== MOVED) return look;
  }
  // As a failure it is due again, also where nobody looks by the clock.
  return { ...NOTHING_SEEN, failed: true, reason: RESTLESS };
}
