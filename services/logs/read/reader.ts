// Pages of the logs in order of time over all nodes. Chunks overlap in time, so a page is full only when no chunk that was
// not looked at can hold an earlier line. What one call does is bounded: a search may end early, and goes on from there.
import { setImmediate as breathe } from 'node:timers/promises';
import type { Database } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { LogPage, ReadLogs } from '#subjects/schema/log.ts';
import type { LogEntry } from '../entry.ts';
import { across, beyond, type Reach } from '../store/entries.ts';
import { isWithin, type Search, searchOf } from './filter.ts';
import { contentOf, type Found } from './items.ts';
import { boundOf, foremost, type Paging, pageOf } from './page.ts';
import { afterAll, beforeAll, END_OF_TIME, inOrder, readCursor, readPlace, type TimePlace } from './place.ts';

const SEARCH_MS = 2_000;
/** Of chunks that all hold one moment: they can only be looked through together. */
const MOMENT_MS = 8_000;
const TEXT_BYTES = 256 * 1024 * 1024;
/** Others have their turn after so long. */
const BREATH_MS = 20;
const FEW = 32;
const MANY = 256;
/** Small chunks are fetched many at a time. */
const FETCHED_BYTES = 1024 * 1024;

class Looking {
  readonly search: Search;
  readonly paging: Paging;
  readonly from: TimePlace;
  readonly #began = performance.now();
  #breathed = performance.now();
  #textBytes = 0;
  found: Found[] = [];

  constructor(search: Search, paging: Paging, from: TimePlace) {
    this.search = search;
    this.paging = paging;
    this.from = from;
  }

  isLongerThan(ms: number): boolean {
    return this.#textBytes > TEXT_BYTES || performance.now() - this.#began > ms;
  }

  async take(entry: LogEntry): Promise<void> {
    const { search, paging, from } = this;
    const precedes = inOrder(paging.order);
    this.#textBytes += entry.textBytes;
    for (const one of contentOf(entry)) {
      if (precedes(from, one) >= 0 || !isWithin(search, one.at)) continue;
      if (one.line && search.hasLine?.(one.line) === false) {
        if (performance.now() - this.#breathed > BREATH_MS) await this.#breathe();
        continue;
      }
      this.found.push(one);
    }
    this.found = foremost(this.found, paging);
    await this.#breathe();
  }

  async #breathe(): Promise<void> {
    if (performance.now() - this.#breathed < BREATH_MS) return;
    await breathe();
    this.#breathed = performance.now();
  }
}

const nextLimit = (entries: readonly LogEntry[]) =>
  entries.reduce((sum, { data }) => sum + (data?.length ?? 0), 0) < FETCHED_BYTES ? MANY : FEW;

/** Where the asked order begins. */
function start({ order, cursor }: ReadLogs, { since, until }: Search): TimePlace {
  if (cursor !== undefined) return readCursor(cursor);
  return order === 'forward' ? beforeAll(since) : beforeAll(until > END_OF_TIME ? END_OF_TIME : until);
}

async function lookAcross(database: Database, looking: Looking, reach: Reach): Promise<void> {
  for (let after = 0, limit = FEW; ; ) {
    const entries = await database.read((em) => across(em, reach, looking.from.at, after, limit));
    for (const entry of entries) {
      if (looking.isLongerThan(MOMENT_MS)) {
        throw new OverseerError('too-large', 'too much was written at that time: ask for one node or one stack');
      }
      await looking.take(entry);
    }
    if (entries.length < limit) return;
    after = entries.at(-1)?.id ?? after;
    limit = nextLimit(entries);
  }
}

/** @returns what lies behind it was not looked through; null: all was that can matter */
async function lookBeyond(database: Database, looking: Looking, reach: Reach): Promise<TimePlace | null> {
  const { paging, from } = looking;
  const { order } = paging;
  const precedes = inOrder(order);
  let last: TimePlace | null = null;
  for (let limit = FEW; ; ) {
    const asked = { order, at: from.at, last, limit };
    const entries: LogEntry[] = await database.read((em) => beyond(em, reach, asked));
    for (const entry of entries) {
      const edge = order === 'forward' ? beforeAll(entry.from) : afterAll(entry.to);
      const bound = boundOf(looking.found, paging);
      if (bound && precedes(bound, edge) < 0) return null;
      if (looking.isLongerThan(SEARCH_MS) && last !== null) return edge;
      await looking.take(entry);
      last = { at: order === 'forward' ? entry.from : entry.to, id: entry.id, index: 0 };
    }
    if (entries.length < limit) return null;
    limit = nextLimit(entries);
  }
}

/** @throws OverseerError `invalid-input`; `too-large` when one moment holds too much */
export async function readPage(database: Database, asked: ReadLogs): Promise<LogPage> {
  const { filter, order, limit, upTo } = asked;
  const search = searchOf(filter);
  const reach = { search, upTo: upTo === undefined ? null : readPlace(upTo).id };
  const looking = new Looking(search, { order, limit }, start(asked, search));
  await lookAcross(database, looking, reach);
  const horizon = await lookBeyond(database, looking, reach);
  return pageOf(looking.found, looking.paging, horizon);
}
