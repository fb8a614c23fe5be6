// Log lines in the order in which they are shown: the newest of before, all since a time, and those that come.
import {
  followLogs,
  LOG_PAGE_MAX,
  type LogFilter,
  type LogItem,
  type LogPage,
  logPage,
  placeNow,
} from '#clients/sdk/logs.ts';
import type { FollowOptions } from '#clients/sdk/messages.ts';
import type { Session } from '../session.ts';

/** Ids of what was shown before a stream began, to know what it tells again. Some 50 MB at most. */
const KNOWN_MAX = 500_000;

type Order = 'forward' | 'backward';

async function* pages(session: Session, filter: LogFilter, order: Order, most: number): AsyncGenerator<LogPage> {
  let cursor: string | null = null;
  for (let left = most; left > 0; ) {
    const at: { cursor?: string } = cursor === null ? {} : { cursor };
    const query = { ...filter, order, limit: Math.min(left, LOG_PAGE_MAX), ...at };
    const page: LogPage = await logPage(session.api, query, session.signal);
    yield page;
    left -= page.items.length;
    if (page.nextCursor === null || page.nextCursor === cursor) return;
    cursor = page.nextCursor;
  }
}

/** The newest that match, the oldest of them first. */
export async function newest(session: Session, filter: LogFilter, count: number): Promise<LogItem[]> {
  const found: LogItem[] = [];
  for await (const { items } of pages(session, filter, 'backward', count)) found.push(...items);
  return found.slice(0, count).reverse();
}

/** All that match, the oldest first. */
export async function* oldest(session: Session, filter: LogFilter): AsyncGenerator<LogItem> {
  for await (const { items } of pages(session, filter, 'forward', Number.POSITIVE_INFINITY)) yield* items;
}

type News = Pick<FollowOptions, 'onOpen' | 'onDown'>;

/**
 * All that is kept, then all that comes, without a hole: what arrives from its place on is told by the stream, and known
 * again by its id where the pages had it already.
 */
export async function* everythingAndOn(session: Session, filter: LogFilter, news: News): AsyncGenerator<LogItem> {
  const { connection, signal } = session;
  const after = await placeNow(connection, filter, signal);
  const known = new Set<string>();
  for await (const item of oldest(session, filter)) {
    known.add(item.id);
    const [first] = known;
    if (known.size > KNOWN_MAX && first !== undefined) known.delete(first);
    yield item;
  }
  for await (const item of followLogs(connection, filter, { after, tail: 0, signal, ...news })) {
    if (!known.delete(item.id)) yield item;
  }
}

/** @param tail at most LOG_PAGE_MAX */
export function newestAndOn({ connection, signal }: Session, filter: LogFilter, tail: number, news: News) {
  return followLogs(connection, filter, { tail, signal, ...news });
}
