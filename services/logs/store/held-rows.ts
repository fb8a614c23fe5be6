// Which rows of log files are held already, of those that new entries are of.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { query } from '#infra/postgres/parameters.ts';
import type { NewLogEntry } from '../entry.ts';
import { fileKey, type HeldRows } from '../ingest/plan.ts';

interface Row {
  readonly node: string;
  readonly container: string;
  readonly file: string;
  readonly id: string;
  readonly first: string;
  readonly rows: string;
  readonly is_gap: boolean;
}

/**
 * What is held of one file never overlaps: of what begins before a range, only the last can reach into it. So the index
 * finds all with two short looks, however long the file is.
 */
const HELD = `
  with asked as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) as a(node, container, file, first, past)
  )
  select distinct c.node, c.container, c.file, c.id, c.first, c.rows, c.data is null as is_gap
  from asked a cross join lateral (
    (select * from log_chunks c
      where c.node = a.node and c.container = a.container and c.file = a.file and c.first < a.first
      order by c.first desc limit 1)
    union all
    (select * from log_chunks c
      where c.node = a.node and c.container = a.container and c.file = a.file
        and c.first >= a.first and c.first < a.past)
  ) c
  where c.first + c.rows > a.first`;

/** By `fileKey`. */
export async function heldRows(em: EntityManager, entries: readonly NewLogEntry[]): Promise<Map<string, HeldRows[]>> {
  const asked = entries.flatMap(({ node, container, file, first, rows }) =>
    file === null || first === null || rows === null ? [] : [{ node, container, file, first, past: first + rows }],
  );
  const found = new Map<string, HeldRows[]>();
  if (asked.length === 0) return found;
  const column = <K extends keyof (typeof asked)[number]>(name: K) => asked.map((one) => one[name]);
  const columns = [column('node'), column('container'), column('file'), column('first'), column('past')];
  for (const row of await query<Row>(em, HELD, columns)) {
    const key = fileKey(row.node, row.container, row.file);
    const from = Number(row.first);
    const held = { from, to: from + Number(row.rows), id: Number(row.id), isGap: row.is_gap };
    // Asked for by two entries, it is found by both.
    const known = found.get(key) ?? [];
    if (!known.some(({ id }) => id === held.id)) found.set(key, [...known, held]);
  }
  return found;
}
