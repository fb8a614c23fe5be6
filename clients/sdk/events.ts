// All events as they come, each once.
import { type Api, bodyOf, type Connection, type Schemas } from './client.ts';
import type { paths } from './generated/api.ts';
import { type FollowOptions, messages } from './messages.ts';

export type StoredEvent = Schemas['StoredEvent'];

type Query = NonNullable<paths['/api/events']['get']['parameters']['query']>;
export type EventFilter = Omit<Query, 'limit' | 'cursor'>;

/** @throws Problem when the gateway refuses for good */
export async function* events(
  connection: Connection,
  options: FollowOptions,
  filter: EventFilter = {},
): AsyncGenerator<StoredEvent, void, undefined> {
  const query = new URLSearchParams(filter as Record<string, string>).toString();
  const address = query === '' ? '/api/events' : `/api/events?${query}`;
  for await (const { data } of messages(connection, address, options)) yield JSON.parse(data) as StoredEvent;
}

const PAGE_MAX = 1000;

/**
 * The newest first.
 * @param since RFC 3339; what happened earlier is left out
 */
export async function newestEvents(
  api: Api,
  filter: EventFilter,
  { limit, since, signal }: { limit: number; since: string | null; signal: AbortSignal },
): Promise<StoredEvent[]> {
  const found: StoredEvent[] = [];
  let cursor: string | null = null;
  do {
    const at: { cursor?: string } = cursor === null ? {} : { cursor };
    const query = { ...filter, limit: Math.min(PAGE_MAX, limit - found.length), ...at };
    const page: Schemas['EventList'] = await bodyOf(api.GET('/api/events', { params: { query }, signal }));
    const fresh = page.items.filter(({ time }) => since === null || Date.parse(time) >= Date.parse(since));
    found.push(...fresh);
    if (page.nextCursor === cursor) break;
    // Told in the order in which the core heard of them: nodes that were away tell old ones late. A whole page of old ones is the end.
    cursor = page.items.length > 0 && fresh.length === 0 ? null : page.nextCursor;
  } while (cursor !== null && found.length < limit);
  return found;
}

/** The sequence of the newest event: what is followed after it is all that comes from now on. */
export async function newestEvent(ask: () => Promise<{ items: StoredEvent[] }>): Promise<string> {
  return (await ask()).items[0]?.sequence ?? '0';
}
