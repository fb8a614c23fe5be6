// Log lines and gaps: read page by page, and followed, each once.
import { type Api, bodyOf, type Connection, type Schemas } from './client.ts';
import type { paths } from './generated/api.ts';
import { type FollowOptions, messages } from './messages.ts';
import { problemFrom, unreachable } from './problem.ts';

export type LogItem = Schemas['LogItem'];
export type LogLine = Extract<LogItem, { type: 'line' }>;
export type LogGap = Extract<LogItem, { type: 'gap' }>;
export type LogPage = Schemas['LogPage'];
export type LogCoverage = Schemas['CoverageList']['items'][number];
type Query = NonNullable<paths['/api/logs']['get']['parameters']['query']>;
export type LogFilter = Omit<Query, 'order' | 'limit' | 'cursor' | 'tail'>;

/** Most that the gateway puts into a page, and before what it tells live. */
export const LOG_PAGE_MAX = 1000;

export function logAddress(filter: LogFilter, more: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries({ ...filter, ...more }).filter(([, value]) => value !== undefined);
  return `/api/logs?${new URLSearchParams(given as [string, string][])}`;
}

export function logPage(api: Api, query: Query, signal: AbortSignal): Promise<LogPage> {
  return bodyOf(api.GET('/api/logs', { params: { query }, signal }));
}

/** Where a stream that begins now would begin: what is followed after it is all that arrives from now on. */
export async function placeNow({ url, token }: Connection, filter: LogFilter, signal: AbortSignal): Promise<string> {
  const headers = { accept: 'text/event-stream', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  const ended = new AbortController();
  try {
    const either = AbortSignal.any([signal, ended.signal]);
    const response = await fetch(url + logAddress(filter), { headers, signal: either }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw unreachable(url, error);
    });
    const place = response.headers.get('overseer-last-event-id');
    if (response.ok && place !== null) return place;
    throw problemFrom(response, await response.json().catch(() => null));
  } finally {
    ended.abort();
  }
}

/**
 * Items in order of arrival until the signal, through any number of connections.
 * @param tail how many of before come first, when it does not begin after a place; at most LOG_PAGE_MAX
 * @throws Problem when the gateway refuses for good
 */
export async function* followLogs(
  connection: Connection,
  filter: LogFilter,
  { tail, ...options }: FollowOptions & { readonly tail: number },
): AsyncGenerator<LogItem, void, undefined> {
  const address = logAddress(filter, tail > 0 ? { tail: String(tail) } : {});
  // What comes before the first place comes again when the connection breaks amid it.
  const early = new Set<string>();
  for await (const { data, id } of messages(connection, address, options)) {
    const item = JSON.parse(data) as LogItem;
    if (early.has(item.id)) continue;
    if (id === null) early.add(item.id);
    yield item;
  }
}
