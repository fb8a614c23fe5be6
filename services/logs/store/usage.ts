// What is stored of each node, counted in the transactions that change it.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { query } from '#infra/postgres/parameters.ts';

/** What a row costs beside its bytes: its other columns, its header, and its places in eleven indexes; measured. */
export const STORED_BESIDE = 1_150;

export interface Stored {
  readonly node: string;
  readonly lines: number;
  readonly bytes: number;
}

/** @param sign -1: they were removed */
export async function count(em: EntityManager, rows: readonly Stored[], sign: 1 | -1 = 1): Promise<void> {
  const byNode = Map.groupBy(rows, ({ node }) => node);
  const sums = [...byNode].map(([node, own]) => ({
    node,
    chunks: sign * own.length,
    lines: sign * own.reduce((sum, { lines }) => sum + lines, 0),
    bytes: sign * own.reduce((sum, { bytes }) => sum + bytes, 0),
  }));
  const column = <K extends keyof (typeof sums)[number]>(name: K) => sums.map((one) => one[name]);
  await query(
    em,
    `insert into log_nodes as held (node, chunks, lines, bytes)
     select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
     on conflict (node) do update set chunks = held.chunks + excluded.chunks, lines = held.lines + excluded.lines,
       bytes = held.bytes + excluded.bytes, removed_chunks = held.removed_chunks + greatest(-excluded.chunks, 0)`,
    [column('node'), column('chunks'), column('lines'), column('bytes')],
  );
}

/** Bytes by node. */
export async function usage(em: EntityManager): Promise<Map<string, number>> {
  const rows = await query<{ node: string; bytes: string }>(em, 'select node, bytes from log_nodes where bytes > 0');
  return new Map(rows.map(({ node, bytes }) => [node, Number(bytes)]));
}

/** For the status of the service. `oldest`: seconds since 1970 of the oldest line, 0 when there is none. */
export async function counts(em: EntityManager): Promise<Record<string, number>> {
  const [row] = await query<Record<string, string>>(
    em,
    `select coalesce(sum(chunks), 0) as chunks, coalesce(sum(lines), 0) as lines, coalesce(sum(bytes), 0) as bytes,
       count(*) filter (where chunks > 0) as nodes, coalesce(sum(removed_chunks), 0) as removed,
       (select coalesce(min(from_ns) / 1000000000, 0) from log_chunks) as oldest,
       (select count(*) from dead_letter where service = 'logs') as dead
     from log_nodes`,
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, Number(value)]));
}
