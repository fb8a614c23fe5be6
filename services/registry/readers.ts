// Readers: made, listed, removed. PostgreSQL first, then the server: what the server did not hear of is done again at the
// next call or the next round.
import { isDuplicate } from '#infra/postgres/faults.ts';
import type { EntityManager } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import { readerSubjects } from '#subjects/readers.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { IssuedReader, ReaderList, ReaderSpec } from '#subjects/schema/reader.ts';
import { audit, type RegistryParts } from './parts.ts';
import { isSameReader, readerView } from './reader-view.ts';
import type { ReaderRow } from './store/entities.ts';
import {
  addReader,
  countReaders,
  currentReader,
  listReaders,
  lockName,
  lockReader,
  markGone,
  removedReaders,
  unconfirmedReaders,
} from './store/readers.ts';

const DEFAULT_DAYS = 365;
const DAY_MS = 24 * 3600_000;
/** Half of the durables that a stream may have on the server. */
const READERS_MAX = 500;

function taken(row: ReaderRow, { name }: ReaderSpec): OverseerError {
  if (row.removedAt) return new OverseerError('conflict', `the reader ${name} before this one is still being removed`);
  return new OverseerError('name-taken', `there is a reader called ${name}; remove it first`);
}

async function stored(parts: RegistryParts, by: Actor, spec: ReaderSpec): Promise<{ row: ReaderRow; isNew: boolean }> {
  const { name, role, publicKey, filters = {}, days = DEFAULT_DAYS } = spec;
  return parts.database.transaction(async (em) => {
    const now = parts.now();
    const existing = await lockReader(em, name);
    if (existing !== null && !isSameReader(existing, spec, now)) throw taken(existing, spec);
    if (existing === null && (await countReaders(em)) >= READERS_MAX) {
      throw new OverseerError('policy-refused', `there are ${READERS_MAX} readers already`);
    }
    // Whole seconds, as in the JWT.
    const expiresAt = new Date(Math.floor((now.getTime() + days * DAY_MS) / 1000) * 1000);
    const made = { id: parts.newId(), name, role, filters, publicKey, createdAt: now, expiresAt };
    const row = existing ?? { ...made, createdBy: `${by.kind}:${by.id}`, removedAt: null, goneAt: null };
    if (existing === null) await addReader(em, row);
    const detail = { role, publicKey, expiresAt: row.expiresAt.toISOString(), again: existing !== null };
    await audit(em, { actor: by, action: 'reader.create', object: `readers/${name}`, detail }, now);
    return { row, isNew: existing === null };
  });
}

/**
 * While nobody else works on what the server has of this reader's name. What is done on the server meanwhile has deadlines
 * of seconds, and may be done again.
 */
function withName(
  { database }: RegistryParts,
  { name }: ReaderRow,
  work: (em: EntityManager) => Promise<void>,
): Promise<void> {
  return database.transaction(async (em) => {
    await lockName(em, name);
    await work(em);
  });
}

async function refuseRemoved(em: EntityManager, { id, name }: ReaderRow): Promise<void> {
  const current = await currentReader(em, id);
  if (current !== null && !current.removedAt) return;
  throw new OverseerError('conflict', `the reader ${name} was removed while it was made`);
}

export async function createReader(parts: RegistryParts, by: Actor, spec: ReaderSpec): Promise<IssuedReader> {
  const subjects = readerSubjects(spec.role, spec.filters);
  if (subjects === null) {
    const detail =
      spec.role === 'audit'
        ? 'a reader of audit records gets all of them'
        : 'facts of deployments name every node; a reader of some nodes can only have facts of nodes';
    throw new OverseerError('invalid-input', detail, { fields: { path: 'filters' } });
  }
  // Before anything is stored: a key that is none is told now.
  parts.authority.issueReader(spec, { from: parts.now(), to: parts.now() });
  const { row, isNew } = await stored(parts, by, spec).catch((error: unknown) => {
    if (isDuplicate(error, 'readers_name')) throw new OverseerError('name-taken', `${spec.name} was made just now`);
    if (!isDuplicate(error, 'readers_public_key')) throw error;
    throw new OverseerError('key-taken', 'the key belongs to another reader, or did once; make a new one');
  });
  const view = readerView(row, parts.now());
  const durable = { name: view.user, stream: view.stream };
  await withName(parts, row, async (em) => {
    await refuseRemoved(em, row);
    // What is left of another of this name would have that one's place and filters.
    if (isNew) await parts.durables.remove(durable);
    await parts.durables.make({ ...durable, subjects });
    // Whoever removes it waits for the name, and then removes the durable too.
    await refuseRemoved(em, row);
  });
  // Dated as the reader, so that its revocation voids it, however long all this took.
  return { ...view, jwt: parts.authority.issueReader(row, { from: row.createdAt, to: row.expiresAt }) };
}

export async function readerList({ database, now }: RegistryParts): Promise<ReaderList> {
  const rows = await database.read(listReaders);
  return { items: rows.map((row) => readerView(row, now())) };
}

function clear(parts: RegistryParts, row: ReaderRow): Promise<void> {
  return withName(parts, row, async (em) => {
    // Somebody else ended what was begun: another may have the name by now.
    if ((await currentReader(em, row.id))?.goneAt !== null) return;
    const { user, stream } = readerView(row, parts.now());
    await parts.revoker.revokeKeys([row.publicKey], 'READERS');
    await parts.durables.remove({ name: user, stream });
    await markGone(em, row.id, parts.now());
  });
}

/** Answered when its credential is void, its connection cut and its durable gone; the same call again ends what was begun. */
export async function removeReader(parts: RegistryParts, by: Actor, name: string): Promise<void> {
  const row = await parts.database.transaction(async (em) => {
    const reader = await lockReader(em, name);
    if (reader === null) throw new OverseerError('not-found', 'there is no such reader');
    if (reader.removedAt) return reader;
    reader.removedAt = parts.now();
    await audit(em, { actor: by, action: 'reader.remove', object: `readers/${name}`, detail: {} }, reader.removedAt);
    return reader;
  });
  await clear(parts, row);
}

/** The server's list of revocations may be older than PostgreSQL. */
export async function revokeReaders({ database, revoker, now }: RegistryParts): Promise<void> {
  const rows = await database.read((em) => removedReaders(em, now()));
  await revoker.revokeKeys(
    rows.map(({ publicKey }) => publicKey),
    'READERS',
  );
}

export async function clearReaders(parts: RegistryParts): Promise<void> {
  for (const row of await parts.database.read(unconfirmedReaders)) await clear(parts, row);
}

/** A store that was made anew has no durables of readers; nobody else could make them again. */
export async function keepDurables(parts: RegistryParts): Promise<void> {
  const { database, durables, now } = parts;
  for (const row of await database.read(listReaders)) {
    const { user: name, stream, subjects, state } = readerView(row, now());
    if (state !== 'valid') continue;
    await withName(parts, row, async (em) => {
      if ((await currentReader(em, row.id))?.removedAt === null) await durables.make({ name, stream, subjects });
    });
  }
}
