// Adds what came, each row once. One writer at a time over all replicas: then the order of ids is the order in which they
// can be seen, and whoever reads on after an id misses nothing.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { query } from '#infra/postgres/parameters.ts';
import type { NewLogEntry } from '../entry.ts';
import { cutChunk } from '../ingest/cut.ts';
import { type Plan, planOf } from '../ingest/plan.ts';
import { heldRows } from './held-rows.ts';
import { count, STORED_BESIDE, type Stored } from './usage.ts';

/** Any number, the same in every replica. */
const WRITER_LOCK = 7_204_714;
/** Told at each commit that adds something. */
export const LOGS_CHANNEL = 'overseer_logs';

const COUNTED = `node, lines, coalesce(length(data), 0) + ${STORED_BESIDE} as bytes`;

/** Until the transaction ends. */
export async function lockWriter(em: EntityManager): Promise<void> {
  await query(em, `select pg_advisory_xact_lock(${WRITER_LOCK})`);
}

const COLUMNS: readonly (readonly [string, string, (entry: NewLogEntry) => unknown])[] = [
  ['node', 'text', ({ node }) => node],
  ['container', 'text', ({ container }) => container],
  ['name', 'text', ({ name }) => name],
  ['stack', 'text', ({ stack }) => stack],
  ['service', 'text', ({ service }) => service],
  ['deployment', 'text', ({ deployment }) => deployment],
  ['file', 'text', ({ file }) => file],
  ['first', 'bigint', ({ first }) => first],
  ['rows', 'bigint', ({ rows }) => rows],
  ['lines', 'integer', (entry) => (entry.kind === 'chunk' ? entry.lines : 0)],
  ['from_ns', 'bigint', ({ from }) => String(from)],
  ['to_ns', 'bigint', ({ to }) => String(to)],
  ['text_bytes', 'integer', (entry) => (entry.kind === 'chunk' ? entry.textBytes : 0)],
  ['gap', 'jsonb', (entry) => (entry.kind === 'gap' ? JSON.stringify(entry.gap) : null)],
  ['gap_key', 'text', (entry) => (entry.kind === 'gap' ? entry.key : null)],
];
const NAMES = COLUMNS.map(([name]) => name);
const BLOB = COLUMNS.length + 1;

/** All bytes in one value, each row's part cut out of it by the server: an array of bytes would travel as hexadecimal. */
const INSERT = `
  insert into log_chunks (${NAMES.join(', ')}, expires_at, data)
  select ${NAMES.map((name) => `n.${name}`).join(', ')}, now() + n.keep_days * interval '1 day',
    case when n.size is null then null else substring($${BLOB}::bytea from n.start for n.size) end
  from unnest(${COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')},
    $${BLOB + 1}::integer[], $${BLOB + 2}::integer[], $${BLOB + 3}::integer[])
    with ordinality as n(${NAMES.join(', ')}, keep_days, start, size, place)
  order by n.place
  on conflict (node, gap_key) where gap_key is not null do nothing
  returning ${COUNTED}`;

function insert(em: EntityManager, entries: readonly NewLogEntry[]): Promise<Stored[]> {
  const parts = entries.map((entry) => (entry.kind === 'chunk' ? entry.data : null));
  let start = 1;
  const starts = parts.map((part) => {
    const own = start;
    start += part?.length ?? 0;
    return own;
  });
  return query<Stored>(em, INSERT, [
    ...COLUMNS.map(([, , of]) => entries.map(of)),
    Buffer.concat(parts.filter((part) => part !== null)),
    entries.map(({ keepDays }) => keepDays),
    starts,
    parts.map((part) => part?.length ?? null),
  ]);
}

async function narrow(em: EntityManager, { narrowed, split }: Plan): Promise<void> {
  for (const { of, range } of split) {
    const made = await query<Stored>(
      em,
      `insert into log_chunks (node, container, name, stack, service, deployment, file, first, rows, lines, from_ns, to_ns,
         text_bytes, gap, expires_at)
       select node, container, name, stack, service, deployment, file, $2, $3, 0, from_ns, to_ns, 0, gap, expires_at
       from log_chunks where id = $1 returning ${COUNTED}`,
      [of, range.from, range.to - range.from],
    );
    await count(em, made);
  }
  for (const [id, range] of narrowed) {
    if (range)
      await query(em, 'update log_chunks set first = $2, rows = $3 where id = $1', [
        id,
        range.from,
        range.to - range.from,
      ]);
    else
      await count(em, await query<Stored>(em, `delete from log_chunks where id = $1 returning ${COUNTED}`, [id]), -1);
  }
}

/** @returns how many rows of the store it has become */
export async function append(em: EntityManager, entries: readonly NewLogEntry[]): Promise<number> {
  await lockWriter(em);
  const plan = planOf(entries, await heldRows(em, entries));
  const chunks = plan.chunks.flatMap(({ chunk, free }) => {
    const [only] = free;
    const isWhole = free.length === 1 && only?.from === chunk.first && only.to === chunk.first + chunk.rows;
    return isWhole ? [chunk] : cutChunk(chunk, free);
  });
  const added = [...chunks, ...plan.gaps];
  await narrow(em, plan);
  if (added.length === 0) return 0;
  const inserted = await insert(em, added);
  await count(em, inserted);
  if (inserted.length > 0) await query(em, `notify ${LOGS_CHANNEL}`);
  return inserted.length;
}
