// Entries of the store by where they stand, in time or in the order of arrival.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { query } from '#infra/postgres/parameters.ts';
import type { GapFacts, LogEntry } from '../entry.ts';
import type { Search } from '../read/filter.ts';
import type { Order, TimePlace } from '../read/place.ts';

interface Row {
  readonly id: string;
  readonly node: string;
  readonly container: string;
  readonly name: string;
  readonly stack: string;
  readonly service: string;
  readonly deployment: string | null;
  readonly rows: string | null;
  readonly lines: number;
  readonly from_ns: string;
  readonly to_ns: string;
  readonly text_bytes: number;
  readonly data: Uint8Array | null;
  readonly gap: GapFacts | null;
}

const SELECT = `select id, node, container, name, stack, service, deployment, rows, lines, from_ns, to_ns, text_bytes, data, gap
  from log_chunks where`;

function entryOf({ from_ns, to_ns, text_bytes, id, rows, ...rest }: Row): LogEntry {
  const times = { from: BigInt(from_ns), to: BigInt(to_ns) };
  return { ...rest, id: Number(id), rows: rows === null ? null : Number(rows), ...times, textBytes: text_bytes };
}

/** Conditions that hold together, with their values. */
class Conditions {
  readonly values: unknown[] = [];
  readonly #texts: string[] = [];

  /** @param text with `?` for each value */
  add(text: string, ...values: readonly unknown[]): this {
    let taken = 0;
    this.#texts.push(
      text.replace(/\?/g, () => {
        this.values.push(values[taken]);
        taken += 1;
        return `$${this.values.length}`;
      }),
    );
    return this;
  }

  get text(): string {
    return this.#texts.join(' and ');
  }
}

function conditionsOf({ source }: Search): Conditions {
  const conditions = new Conditions();
  const { node, stack, service, container } = source;
  if (node !== undefined) conditions.add('node = ?', node);
  if (stack !== undefined) conditions.add('stack = ?', stack);
  if (service !== undefined) conditions.add('service = ?', service);
  if (container !== undefined) conditions.add('(name = ? or starts_with(container, ?))', container, container);
  return conditions;
}

export interface Reach {
  readonly search: Search;
  /** Only what had arrived by then; null: all. */
  readonly upTo: number | null;
}

function reached({ search, upTo }: Reach): Conditions {
  const conditions = conditionsOf(search);
  if (search.since > 0n) conditions.add('to_ns >= ?', String(search.since));
  conditions.add('from_ns < ?', String(search.until));
  if (upTo !== null) conditions.add('id <= ?', upTo);
  return conditions;
}

async function found(em: EntityManager, { text, values }: Conditions, rest: string): Promise<LogEntry[]> {
  return (await query<Row>(em, `${SELECT} ${text} ${rest}`, values)).map(entryOf);
}

/** Those that hold a moment, by id. @param after id of the last one known */
export function across(em: EntityManager, reach: Reach, at: bigint, after: number, limit: number): Promise<LogEntry[]> {
  const conditions = reached(reach);
  conditions.add(`int8range(from_ns, to_ns, '[]') @> ?::bigint and id > ?`, String(at), after);
  return found(em, conditions, `order by id limit ${limit}`);
}

/** Those that begin after a moment, the earliest first; backward, those that end before it, the latest first. */
export function beyond(
  em: EntityManager,
  reach: Reach,
  { order, at, last, limit }: { order: Order; at: bigint; last: TimePlace | null; limit: number },
): Promise<LogEntry[]> {
  const [edge, sign, direction] = order === 'forward' ? ['from_ns', '>', 'asc'] : ['to_ns', '<', 'desc'];
  const conditions = reached(reach);
  if (last === null) conditions.add(`${edge} ${sign} ?`, String(at));
  else conditions.add(`(${edge}, id) ${sign} (?::bigint, ?::bigint)`, String(last.at), last.id);
  return found(em, conditions, `order by ${edge} ${direction}, id ${direction} limit ${limit}`);
}

/** In the order of arrival. @param after id */
export function arrivedAfter(
  em: EntityManager,
  search: Search | null,
  after: number,
  limit: number,
): Promise<LogEntry[]> {
  const conditions = search === null ? new Conditions() : conditionsOf(search);
  return found(em, conditions.add('id > ?', after), `order by id limit ${limit}`);
}

/** A single one, when it is still held. */
export async function entryWith(em: EntityManager, id: number): Promise<LogEntry | null> {
  return (await found(em, new Conditions().add('id = ?', id), ''))[0] ?? null;
}

/** 0 when there is none. Ids that were given to nobody, or are removed, lie between. */
export async function newestId(em: EntityManager): Promise<number> {
  const [row] = await query<{ id: string }>(em, 'select coalesce(max(id), 0) as id from log_chunks');
  return Number(row?.id ?? 0);
}
