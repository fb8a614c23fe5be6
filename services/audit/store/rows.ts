// Rows of the chains as they are examined and exported: many at a time, so no objects of MikroORM.
import type { Examined } from '#infra/audit/examine.ts';
import type { EntityManager } from '#infra/postgres/orm.ts';

interface Row {
  readonly number: string;
  readonly hash: Buffer;
  readonly seal: Buffer;
  readonly body: string;
  readonly id: string;
  readonly action: string;
  readonly object: string;
  readonly actor: string;
  readonly request: string;
  readonly deployment: string | null;
  readonly receivedAt: string;
}

export async function rowsAfter(
  em: EntityManager,
  partition: string,
  after: number,
  limit: number,
): Promise<Examined[]> {
  const rows = await em.execute<Row[]>(
    `select number, hash, seal, body, id, action, object, actor, request, deployment,
       (extract(epoch from received_at) * 1000)::bigint as "receivedAt"
     from audit_chain where partition = ? and number > ? order by number limit ?`,
    [partition, after, limit],
  );
  return rows.map(({ number, hash, seal, body, ...labels }) => ({ number: Number(number), hash, seal, body, labels }));
}

/** The first partition after this one by name, of those that have records or of which a checkpoint knows. */
export async function partitionAfter(em: EntityManager, partition: string): Promise<string | null> {
  const [row] = await em.execute<{ next: string | null }[]>(
    `select least(
       (select partition from audit_chain where partition > ? order by partition limit 1),
       (select partition from audit_sealed_heads where partition > ? order by partition limit 1)) as next`,
    [partition, partition],
  );
  return row?.next ?? null;
}

/** The last record of a partition before a time. */
export async function lastBefore(
  em: EntityManager,
  partition: string,
  time: string,
): Promise<{ number: number; hash: Buffer } | null> {
  const [row] = await em.execute<{ number: string; hash: Buffer }[]>(
    `select number, hash from audit_chain where partition = ? and received_at < ?::timestamptz
     order by number desc limit 1`,
    [partition, time],
  );
  return row ? { number: Number(row.number), hash: row.hash } : null;
}

export async function countOf(em: EntityManager, partition: string): Promise<number> {
  const [row] = await em.execute<{ count: string }[]>('select count(*) as count from audit_chain where partition = ?', [
    partition,
  ]);
  return Number(row?.count ?? 0);
}
