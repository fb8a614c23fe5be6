// Checkpoints in PostgreSQL, and what they say of each partition.
import { byName, type Head } from '#infra/audit/checkpoint.ts';
import type { EntityManager } from '#infra/postgres/orm.ts';
import { Checkpoint, type SignedCheckpoint } from '#subjects/schema/checkpoint.ts';

interface CheckpointRow {
  readonly number: string;
  readonly hash: string;
  readonly body: string;
  readonly signed_by: string;
  readonly signature: string;
}

interface HeadRow {
  readonly checkpoint: string;
  readonly partition: string;
  readonly before: string;
  readonly number: string;
  readonly hash: Buffer;
}

export interface KeptCheckpoint {
  readonly number: number;
  /** As it is written beside it, hex. */
  readonly hash: string;
  /** Null when its text is no checkpoint. */
  readonly signed: SignedCheckpoint | null;
  readonly heads: readonly Head[];
}

function readSigned({ body, signed_by: key, signature }: CheckpointRow): SignedCheckpoint | null {
  try {
    return { checkpoint: Checkpoint.parse(JSON.parse(body)), key, signature };
  } catch {
    return null;
  }
}

const headOf = ({ partition, before, number, hash }: HeadRow): Head => {
  return { partition, before: Number(before), number: Number(number), hash };
};

const COLUMNS = 'number, hash, body, signed_by, signature';

export async function newestCheckpoint(em: EntityManager): Promise<SignedCheckpoint | null> {
  const [row] = await em.execute<CheckpointRow[]>(
    `select ${COLUMNS} from audit_checkpoints order by number desc limit 1`,
  );
  return row ? readSigned(row) : null;
}

/** With its number, or null. */
export async function checkpointHashes(em: EntityManager, numbers: readonly number[]): Promise<Map<number, string>> {
  const rows = await em.execute<{ number: string; hash: string }[]>(
    `select number, hash from audit_checkpoints where number in
     (select w::bigint from jsonb_array_elements_text(?::jsonb) w)`,
    [JSON.stringify(numbers)],
  );
  return new Map(rows.map(({ number, hash }) => [Number(number), hash]));
}

export async function checkpointsAfter(em: EntityManager, after: number, limit: number): Promise<KeptCheckpoint[]> {
  const rows = await em.execute<CheckpointRow[]>(
    `select ${COLUMNS} from audit_checkpoints where number > ? order by number limit ?`,
    [after, limit],
  );
  const heads = await em.execute<HeadRow[]>(
    'select * from audit_sealed_heads where checkpoint > ? and checkpoint <= ?',
    [after, Number(rows.at(-1)?.number ?? after)],
  );
  const byCheckpoint = Map.groupBy(heads, ({ checkpoint }) => checkpoint);
  return rows.map((row) => ({
    number: Number(row.number),
    hash: row.hash,
    signed: readSigned(row),
    heads: (byCheckpoint.get(row.number) ?? []).map(headOf).toSorted(byName),
  }));
}

/** Of one partition, beyond a record's number, in order. */
export async function headsOf(em: EntityManager, partition: string, after: number, limit: number): Promise<Head[]> {
  const rows = await em.execute<HeadRow[]>(
    `select * from audit_sealed_heads where partition = ? and number > ? order by number limit ?`,
    [partition, after, limit],
  );
  return rows.map(headOf);
}

/**
 * Every partition that has grown since its newest checkpoint. Each index entry is jumped to, so that the length of chains
 * does not matter.
 */
export async function grownHeads(em: EntityManager): Promise<Head[]> {
  const rows = await em.execute<HeadRow[]>(
    `with recursive names as (
       (select partition from audit_chain order by partition limit 1)
       union all
       select (select c.partition from audit_chain c where c.partition > names.partition order by c.partition limit 1)
       from names where names.partition is not null
     )
     select 0 as checkpoint, n.partition, coalesce(s.number, 0) as before, h.number, h.hash
     from names n
     cross join lateral (
       select number, hash from audit_chain where partition = n.partition order by number desc limit 1) h
     left join lateral (
       select number from audit_sealed_heads where partition = n.partition order by number desc limit 1) s on true
     where n.partition is not null and h.number > coalesce(s.number, 0)`,
  );
  return rows.map(headOf).toSorted(byName);
}

/** @throws a collision when another replica made one with this number */
export async function addCheckpoint(
  em: EntityManager,
  { checkpoint, key, signature }: SignedCheckpoint,
  { hash, body, heads }: { hash: string; body: string; heads: readonly Head[] },
): Promise<void> {
  const told = heads.map((head) => ({ ...head, hash: head.hash.toString('hex') }));
  await em.execute('select audit_checkpoint(?, ?, ?, ?, ?, ?::jsonb)', [
    ...[checkpoint.number, hash, body, key, signature],
    JSON.stringify(told),
  ]);
}
