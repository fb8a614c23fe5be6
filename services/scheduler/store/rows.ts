// Plain SQL inside the caller's transaction, where locks, arrays and increments say more than an entity could.
import type { EntityManager } from '#infra/postgres/orm.ts';

export type Em = EntityManager;

/** @param sql with `?` for each parameter; an array parameter becomes a list, so write `array[?]::text[]` or `in (?)`. */
export async function rows<T extends object>(em: Em, sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
  return (await em.execute(sql, [...parameters])) as T[];
}

/**
 * One placement at a time, over all schedulers: what belongs where depends on all stacks and all nodes, so two deciding
 * at once could each miss what the other changed. Released with the transaction.
 */
export async function lockPlacement(em: Em): Promise<void> {
  await rows(em, `select pg_advisory_xact_lock(hashtext('overseer.placement'))`);
}
