// The table of before there were chains.
import type { EntityManager } from '#infra/postgres/orm.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';

export interface OlderRow extends Omit<AuditRecord, 'kind' | 'at'> {
  readonly sequence: string;
  readonly source: string;
  /** What can be no date of a record is not one: PostgreSQL knows infinity. */
  readonly at: string | number | Date;
}

/** Those that no chain has, in the order they came. */
export function olderRows(em: EntityManager, after: number, limit: number): Promise<OlderRow[]> {
  return em.execute<OlderRow[]>(
    `select sequence, source, id, at, actor, action, object, outcome, code, detail from audit_records o
     where sequence > ? and not exists (select from audit_chain c where c.partition in (o.source, 'node:' || o.source) and c.id = o.id)
     order by sequence limit ?`,
    [after, limit],
  );
}

/** Whether the chain of `partition` has a record of this. */
export async function isRecorded(em: EntityManager, partition: string, action: string): Promise<boolean> {
  const found = await em.execute<unknown[]>('select 1 from audit_chain where partition = ? and action = ? limit 1', [
    partition,
    action,
  ]);
  return found.length > 0;
}
