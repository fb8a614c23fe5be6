// Nodes in PostgreSQL. All functions work in the unit of work they are given.
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '#infra/postgres/orm.ts';
import { NodeRow } from './entities.ts';

const living = { removedAt: null } as const;

/** Names are given one at a time: whether one is free depends on all others. Released with the transaction. */
export async function lockNames(em: EntityManager): Promise<void> {
  await em.execute(`select pg_advisory_xact_lock(hashtext('overseer.node-names'))`);
}

export async function takenNames(em: EntityManager, base: string): Promise<Set<string>> {
  // Long names are cut before their number is appended.
  const stem = base.slice(0, 50).replace(/[\\%_]/g, '\\$&');
  const rows = await em.find(NodeRow, { ...living, name: { $like: `${stem}%` } }, { fields: ['name'] });
  return new Set(rows.map(({ name }) => name));
}

export function addNode(em: EntityManager, row: NodeRow): NodeRow {
  const node = em.create(NodeRow, row);
  em.persist(node);
  return node;
}

export function findNode(em: EntityManager, id: string): Promise<NodeRow | null> {
  return em.findOne(NodeRow, { id });
}

/** Nobody else changes it before the transaction ends. Tombstones too. */
export function lockNode(em: EntityManager, id: string): Promise<NodeRow | null> {
  return em.findOne(NodeRow, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

/** Living ones, locked in the order of their ids, so that two who lock several do not wait for each other. */
export function lockNodes(em: EntityManager, ids: readonly string[]): Promise<NodeRow[]> {
  const options = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } } as const;
  return em.find(NodeRow, { ...living, id: { $in: [...ids] } }, options);
}

export function ownerOfKey(em: EntityManager, publicKey: string): Promise<NodeRow | null> {
  return em.findOne(NodeRow, { ...living, publicKey });
}

/** @param after name of the last node of the page before */
export function pageOfNodes(em: EntityManager, limit: number, after: string | null): Promise<NodeRow[]> {
  const where = after === null ? living : { ...living, name: { $gt: after } };
  return em.find(NodeRow, where, { orderBy: { name: 'asc' }, limit });
}

export function livingNodes(em: EntityManager): Promise<NodeRow[]> {
  return em.find(NodeRow, living);
}

/** Tombstones whose credentials might still be valid, or whose revocation the server never confirmed. */
export async function unrevokedKeys(em: EntityManager, since: Date): Promise<{ id: string; publicKey: string }[]> {
  return em.execute<{ id: string; publicKey: string }[]>(
    `select r.id, r.public_key as "publicKey" from nodes r
     where (r.removed_at > ?::timestamptz or (r.removed_at is not null and r.revoked_at is null))
       and not exists (select 1 from nodes n where n.public_key = r.public_key and n.removed_at is null)`,
    [since.toISOString()],
  );
}

export async function markRevoked(em: EntityManager, ids: readonly string[], at: Date): Promise<void> {
  await em.nativeUpdate(NodeRow, { id: { $in: [...ids] } }, { revokedAt: at });
}
