// Audit records in PostgreSQL: added once each, read newest first.
import type { EntityManager } from '#infra/postgres/orm.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';
import { AuditRow } from './entities.ts';

/** One delivered again changes nothing. @param source service or node, as the bus enforced it */
export async function append(em: EntityManager, source: string, record: AuditRecord): Promise<void> {
  const { id, at, actor, action, object, outcome, code, detail } = record;
  await em.execute(
    `insert into audit_records (id, at, source, actor, action, object, outcome, code, detail)
     values (?, ?::timestamptz, ?, ?::jsonb, ?, ?, ?, ?, ?::jsonb) on conflict (id) do nothing`,
    [id, at, source, JSON.stringify(actor), action, object, outcome, code, JSON.stringify(detail)],
    'run',
  );
}

export interface RecordFilter {
  readonly action?: string | undefined;
  readonly object?: string | undefined;
  /** Only records before this one. */
  readonly before?: number | undefined;
}

export function newestRecords(em: EntityManager, filter: RecordFilter, limit: number): Promise<AuditRow[]> {
  const { action, object, before } = filter;
  const where = {
    ...(action === undefined ? {} : { action }),
    ...(object === undefined ? {} : { object }),
    ...(before === undefined ? {} : { sequence: { $lt: before } }),
  };
  return em.find(AuditRow, where, { orderBy: { sequence: 'desc' }, limit });
}

export async function counts(em: EntityManager): Promise<Record<string, number>> {
  const [row] = await em.execute<Record<string, string>[]>(
    `select (select count(*) from audit_records) as records,
       (select count(*) from dead_letter where service = 'audit') as dead`,
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)]));
}
