// Enrollment tokens in PostgreSQL: their hash, never their text.
import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '#infra/postgres/orm.ts';
import { TokenRow } from './entities.ts';

/** Long ended ones are of no use to anybody who looks at the list. */
const LISTED_AFTER_END_MS = 7 * 24 * 3600_000;

export async function addToken(em: EntityManager, row: TokenRow): Promise<void> {
  await em.insert(TokenRow, row);
}

export function tokenByHash(em: EntityManager, hash: string): Promise<TokenRow | null> {
  return em.findOne(TokenRow, { hash });
}

/** Whoever redeems it next waits until this transaction has ended. */
export function lockTokenByHash(em: EntityManager, hash: string): Promise<TokenRow | null> {
  return em.findOne(TokenRow, { hash }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

export function lockToken(em: EntityManager, id: string): Promise<TokenRow | null> {
  return em.findOne(TokenRow, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

export function listTokens(em: EntityManager, now: Date): Promise<TokenRow[]> {
  const since = new Date(now.getTime() - LISTED_AFTER_END_MS);
  return em.find(TokenRow, { expiresAt: { $gt: since } }, { orderBy: { createdAt: 'desc' }, limit: 1000 });
}
