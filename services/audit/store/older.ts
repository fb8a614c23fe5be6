// The table of before there were chains.
import type { EntityManager } from '#infra/postgres/orm.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';

interface Row extends Omit<AuditRecord, 'kind' | 'at'> {
  readonly sequence: string;
  readonly source: string;
  readonly at: string | Date;
}

/** Those that no chain has, in the order they came. */
export async function olderRecords(
  em: EntityManager,
  after: number,
  limit: number,
): Promise<{ sequence: number; source: string; record: AuditRecord }[]> {
  const rows = await em.execute<Row[]>(
    `select sequence, source, id, at, actor, action, object, outcome, code, detail from audit_records o
     where sequence > ? and not exists (select from audit_chain c where c.partition in (o.source, 'node:' || o.source) and c.id = o.id)
     order by sequence limit ?`,
    [after, limit],
  );
  return rows.map(({ sequence, source, at, ...rest }) => ({
    sequence: Number(sequence),
    source,
    record: { kind: 'audit', at: new Date(at).toISOString(), ...rest },
  }));
}
