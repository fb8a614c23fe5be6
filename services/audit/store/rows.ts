// Rows of the chains as they are examined and exported: many at a time, so no objects of MikroORM.
import type { Examined } from '#infra/audit/examine.ts';
import type { EntityManager } from '#infra/postgres/orm.ts';

interface Row {
  readonly number: string;
  /** Hash and seal. */
  readonly proof: Buffer;
  readonly body: string;
  readonly labels: string;
}

const HASH_BYTES = 32;

export async function rowsAfter(
  em: EntityManager,
  partition: string,
  after: number,
  limit: number,
): Promise<Examined[]> {
  const rows = await em.execute<Row[]>(
    // Few and short columns: reading them takes longer than checking them.
    `select number, hash || seal as proof, body, concat_ws(chr(31), id, action, request, coalesce(deployment, ''),
       (extract(epoch from received_at) * 1000)::bigint, actor, object) as labels
     from audit_chain where partition = ? and number > ? order by number limit ?`,
    [partition, after, limit],
  );
  return rows.map(({ number, proof, body, labels }) => ({
    ...{ number: Number(number), body, labels },
    hash: proof.subarray(0, HASH_BYTES),
    seal: proof.subarray(HASH_BYTES),
  }));
}

/** The first partition after this one by name (null: of all, one of an empty name too), of those that have records or of which a checkpoint knows. */
export async function partitionAfter(em: EntityManager, partition: string | null): Promise<string | null> {
  const where = partition === null ? 'true' : 'partition > ?';
  const [row] = await em.execute<{ next: string | null }[]>(
    `select least(
       (select partition from audit_chain where ${where} order by partition limit 1),
       (select partition from audit_sealed_heads where ${where} order by partition limit 1)) as next`,
    partition === null ? [] : [partition, partition],
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
