// Readers in PostgreSQL. All functions work in the unit of work they are given.
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '#infra/postgres/orm.ts';
import { ReaderRow } from './entities.ts';

/** Of this name, until nothing of it is left; locked. */
export function lockReader(em: EntityManager, name: string): Promise<ReaderRow | null> {
  return em.findOne(ReaderRow, { name, goneAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

export async function addReader(em: EntityManager, row: ReaderRow): Promise<void> {
  await em.insert(ReaderRow, row);
}

export function countReaders(em: EntityManager): Promise<number> {
  return em.count(ReaderRow, { goneAt: null });
}

/** By name, with those whose removal the server has not confirmed. */
export function listReaders(em: EntityManager): Promise<ReaderRow[]> {
  return em.find(ReaderRow, { goneAt: null }, { orderBy: { name: 'asc' } });
}

/** Whose credentials would still be taken but for their revocation. */
export function removedReaders(em: EntityManager, now: Date): Promise<ReaderRow[]> {
  return em.find(ReaderRow, { removedAt: { $ne: null }, expiresAt: { $gt: now } });
}

export function unconfirmedReaders(em: EntityManager): Promise<ReaderRow[]> {
  return em.find(ReaderRow, { removedAt: { $ne: null }, goneAt: null });
}

/** As it is now, whatever this unit of work read before. */
export function currentReader(em: EntityManager, id: string): Promise<ReaderRow | null> {
  return em.findOne(ReaderRow, { id }, { refresh: true });
}

/**
 * Until the transaction ends nobody else touches what the server has of this name. The row's lock would not do: a name is
 * free again while whoever removes the reader before still believes it has to.
 */
export async function lockName(em: EntityManager, name: string): Promise<void> {
  await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`reader ${name}`]);
}

export async function markGone(em: EntityManager, id: string, at: Date): Promise<void> {
  await em.nativeUpdate(ReaderRow, { id }, { goneAt: at });
}
