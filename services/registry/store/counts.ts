// What the registry counts, for its status.
import type { EntityManager } from '#infra/postgres/orm.ts';

export async function counts(em: EntityManager): Promise<Record<string, number>> {
  const [row] = await em.execute<Record<string, string>[]>(
    `select
       (select count(*) from nodes where removed_at is null) as nodes,
       (select count(*) from nodes where removed_at is not null) as removed,
       (select count(*) from enrollment_tokens where revoked_at is null and expires_at > now() and used < uses) as tokens,
       (select count(*) from outbox where service = 'registry' and sent_at is null) as owed,
       (select count(*) from dead_letter where service = 'registry') as dead`,
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)]));
}
