// Readers: made, listed, removed. PostgreSQL first, then the server: what the server did not hear of is done again at the
// next call or the next round.
import { isDuplicate } from '#infra/postgres/faults.ts';
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
  listReaders,
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
  // What is left of another of this name would have that one's place and filters.
  if (isNew) await parts.durables.remove(durable);
  await parts.durables.make({ ...durable, subjects });
  return { ...view, jwt: parts.authority.issueReader(row, { from: parts.now(), to: row.expiresAt }) };
}

export async function readerList({ database, now }: RegistryParts): Promise<ReaderList> {
  const rows = await database.read(listReaders);
  return { items: rows.map((row) => readerView(row, now())) };
}

async function clear(parts: RegistryParts, row: ReaderRow): Promise<void> {
  const { user, stream } = readerView(row, parts.now());
  await parts.revoker.revokeKeys([row.publicKey], 'READERS');
  await parts.durables.remove({ name: user, stream });
  await parts.database.transaction((em) => markGone(em, row.id, parts.now()));
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
export async function keepDurables({ database, durables, now }: RegistryParts): Promise<void> {
  for (const row of await database.read(listReaders)) {
    const { user: name, stream, subjects, state } = readerView(row, now());
    if (state === 'valid') await durables.make({ name, stream, subjects });
  }
}
