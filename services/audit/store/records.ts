// Audit records read newest first, and counted.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { AuditRow } from './entities.ts';

export interface RecordFilter {
  readonly action?: string | undefined;
  readonly object?: string | undefined;
  readonly actor?: string | undefined;
  readonly request?: string | undefined;
  readonly deployment?: string | undefined;
  /** Only records before this place. */
  readonly before?: number | undefined;
}

export function newestRecords(em: EntityManager, filter: RecordFilter, limit: number): Promise<AuditRow[]> {
  const { before, ...labels } = filter;
  const given = Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined));
  const where = { ...given, ...(before === undefined ? {} : { place: { $lt: before } }) };
  return em.find(AuditRow, where, { orderBy: { place: 'desc' }, limit });
}

/** In the order they came. */
export function recordsAfter(em: EntityManager, filter: RecordFilter, after: number, to: number, limit: number) {
  const { before: _, ...labels } = filter;
  const given = Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined));
  return em.find(AuditRow, { ...given, place: { $gt: after, $lte: to } }, { orderBy: { place: 'asc' }, limit });
}

export async function lastPlace(em: EntityManager): Promise<number> {
  const [row] = await em.execute<{ place: string | null }[]>('select max(place) as place from audit_chain');
  return Number(row?.place ?? 0);
}

export async function counts(em: EntityManager): Promise<Record<string, number>> {
  const [row] = await em.execute<Record<string, string>[]>(
    `select (select count(*) from audit_chain) as records,
       (select coalesce(max(number), 0) from audit_checkpoints) as checkpoints,
       (select count(*) from dead_letter where service = 'audit') as dead,
       ${IS_RESTRICTED}::int as restricted`,
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)]));
}

/** Whether the table belongs to somebody else, so that no right of ours suffices to silence its triggers. */
const IS_RESTRICTED = `(not pg_has_role(current_user,
  (select relowner from pg_class where oid = 'audit_chain'::regclass), 'member'))`;

export async function isRestricted(em: EntityManager): Promise<boolean> {
  const [row] = await em.execute<{ restricted: boolean }[]>(`select ${IS_RESTRICTED} as restricted`);
  return row?.restricted ?? false;
}
