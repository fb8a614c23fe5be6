// Which log files there are, and what is held of them. The ranges are put together by the database: a file may have come in
// a million chunks, and most of them touch.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { query } from '#infra/postgres/parameters.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { CoverageList, ReadCoverage } from '#subjects/schema/log.ts';
import { type Covered, coverageOf } from '../coverage.ts';
import { timeText } from '../read/filter.ts';

interface FileRow {
  readonly node: string;
  readonly container: string;
  readonly file: string | null;
  readonly name: string;
  readonly stack: string;
  readonly service: string;
  readonly first_ns: string | null;
  readonly last_ns: string | null;
  readonly lines: string;
  readonly bytes: string;
}

interface PartRow {
  readonly place: string;
  readonly first: string | null;
  readonly rows: string | null;
  readonly gap: Covered['gap'];
}

const DEFAULT_LIMIT = 100;
/** Ranges and gaps of one answer: far more than a screen shows, far less than a message of the bus holds. */
const PARTS_MAX = 20_000;

const FILES = `
  select node, container, file, (array_agg(name order by id desc))[1] as name, (array_agg(stack order by id desc))[1] as stack,
    (array_agg(service order by id desc))[1] as service, min(from_ns) filter (where gap is null) as first_ns,
    max(to_ns) filter (where gap is null) as last_ns, sum(lines) as lines, sum(text_bytes) as bytes
  from log_chunks
  where ($1::text is null or node = $1) and ($2::text is null or stack = $2)
    and ($3::text is null or name = $3 or starts_with(container, $3))
    and ($4::text is null or (node, container, coalesce(file, '')) > ($4, $5, $6))
  group by node, container, file order by node, container, coalesce(file, '') limit $7`;

/** Chunks that touch are one island: a new one begins where rows are missing before it. */
const PARTS = `
  with asked as (
    select * from unnest($1::text[], $2::text[], $3::text[]) with ordinality as a(node, container, file, place)
  ), chunks as (
    select a.place, c.first, c.rows,
      case when c.first = lag(c.first + c.rows) over (partition by a.place order by c.first) then 0 else 1 end as is_begin
    from asked a join log_chunks c on c.node = a.node and c.container = a.container and c.file = a.file
    where c.gap is null
  ), islands as (
    select place, first, rows, sum(is_begin) over (partition by place order by first) as island from chunks
  )
  (select place, min(first) as first, sum(rows) as rows, null::jsonb as gap from islands group by place, island)
  union all
  (select a.place, c.first, c.rows, c.gap
    from asked a join log_chunks c on c.node = a.node and c.container = a.container and c.file is not distinct from a.file
    where c.gap is not null)
  limit ${PARTS_MAX}`;

const ID = /^([a-z2-7]{26})\.([0-9a-f]{64})\.([0-9a-f]{32})?$/;

function readCursor(cursor: string | undefined): (string | null)[] {
  if (cursor === undefined) return [null, null, null];
  const [, node, container, file = ''] = ID.exec(cursor) ?? [];
  if (node !== undefined && container !== undefined) return [node, container, file];
  throw new OverseerError('invalid-input', 'the cursor does not come from here', { fields: { path: 'cursor' } });
}

const timeOrNull = (at: string | null) => (at === null ? null : timeText(BigInt(at)));
const numberOrNull = (text: string | null) => (text === null ? null : Number(text));

/** @throws OverseerError `invalid-input` */
export async function coverage(em: EntityManager, asked: ReadCoverage): Promise<CoverageList> {
  const { node = null, stack = null, container = null, limit = DEFAULT_LIMIT, cursor } = asked;
  if (container?.includes('\u0000')) throw new OverseerError('invalid-input', 'container holds a NUL');
  const files = await query<FileRow>(em, FILES, [node, stack, container, ...readCursor(cursor), limit + 1]);
  const shown = files.slice(0, limit);
  const column = (name: 'node' | 'container' | 'file') => shown.map((file) => file[name]);
  const rows = await query<PartRow>(em, PARTS, [column('node'), column('container'), column('file')]);
  const parts = Map.groupBy(rows, ({ place }) => Number(place) - 1);
  const last = shown.at(-1);
  return {
    items: shown.map((file, index) => ({
      ...{ node: file.node, stack: file.stack, service: file.service, container: file.container },
      ...{ containerName: file.name, file: file.file },
      ...coverageOf(
        (parts.get(index) ?? []).map(({ first, rows: count, gap }) => ({
          ...{ first: numberOrNull(first), rows: numberOrNull(count), gap },
        })),
      ),
      firstAt: timeOrNull(file.first_ns),
      lastAt: timeOrNull(file.last_ns),
      lines: Number(file.lines),
      bytes: Number(file.bytes),
    })),
    nextCursor: files.length > limit && last ? `${last.node}.${last.container}.${last.file ?? ''}` : null,
  };
}
