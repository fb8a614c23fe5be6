// Which rows of log files are held already, of those that new entries are of.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { query } from '#infra/postgres/parameters.ts';
import { OverseerError } from '#subjects/errors.ts';
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
  where c.first + c.rows > a.first
  limit $6`;

/** Of one file. What was cut in other ways than before overlaps a few; only who means harm makes thousands of single rows. */
const MOST_OF_A_FILE = 5_000;
const MOST = 50_000;

/** By `fileKey`. @throws OverseerError `too-large` when more is held of a file than can be looked through in a moment */
export async function heldRows(em: EntityManager, entries: readonly NewLogEntry[]): Promise<Map<string, HeldRows[]>> {
  const asked = entries.flatMap(({ node, container, file, first, rows }) =>
    file === null || first === null || rows === null ? [] : [{ node, container, file, first, past: first + rows }],
  );
  if (asked.length === 0) return new Map();
  const column = <K extends keyof (typeof asked)[number]>(name: K) => asked.map((one) => one[name]);
  const columns = [column('node'), column('container'), column('file'), column('first'), column('past')];
  const rows = await query<Row>(em, HELD, [...columns, MOST + 1]);
  // Asked for by two entries, a row is found once: the query tells them apart by all that it says of them.
  const byFile = Map.groupBy(rows, ({ node, container, file }) => fileKey(node, container, file));
  if (rows.length > MOST || [...byFile.values()].some(({ length }) => length > MOST_OF_A_FILE)) {
    throw new OverseerError('too-large', 'the rows of a batch lie between too many that are held');
  }
  return new Map(
    [...byFile].map(([key, own]) => [
      key,
      own.map(({ first, rows: count, id, is_gap: isGap }) => {
        const from = Number(first);
        return { from, to: from + Number(count), id: Number(id), isGap };
      }),
    ]),
  );
}
