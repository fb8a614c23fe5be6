// Makes room, a few rows at a time: each transaction holds up the writers for a moment only.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { query } from '#infra/postgres/parameters.ts';
import { lockWriter } from './append.ts';
import { count, STORED_BESIDE, type Stored } from './usage.ts';

const ROWS = 500;
const COUNTED = `c.node, c.lines, coalesce(length(c.data), 0) + ${STORED_BESIDE} as bytes`;

const bytesOf = (rows: readonly Stored[]) => rows.reduce((sum, { bytes }) => sum + bytes, 0);

/** The rows of a node that came first, up to so many bytes. @returns bytes; 0 when it has none */
export async function removeOldest(em: EntityManager, node: string, bytes: number): Promise<number> {
  await lockWriter(em);
  const removed = await query<Stored>(
    em,
    `with oldest as (
       select id, coalesce(length(data), 0) + ${STORED_BESIDE} as bytes from log_chunks where node = $1 order by id limit ${ROWS}
     ), summed as (select id, sum(bytes) over (order by id) - bytes as before from oldest)
     delete from log_chunks c using summed where c.id = summed.id and summed.before < $2
     returning ${COUNTED}`,
    [node, bytes],
  );
  await count(em, removed, -1);
  return bytesOf(removed);
}

/** Those whose days are over. @returns how many rows */
export async function removeExpired(em: EntityManager): Promise<number> {
  await lockWriter(em);
  const removed = await query<Stored>(
    em,
    `delete from log_chunks c where c.id in (
       select id from log_chunks where expires_at < now() order by expires_at limit ${ROWS})
     returning ${COUNTED}`,
  );
  await count(em, removed, -1);
  return removed.length;
}
