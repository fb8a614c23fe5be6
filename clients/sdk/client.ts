// The REST interface as typed calls: `api.GET('/api/nodes/{id}', { params: { path: { id } } })`. Failures are thrown.
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './generated/api.ts';
import { problemFrom, unreachable } from './problem.ts';

export type Schemas = components['schemas'];

export interface Connection {
  /** Of the gateway, without a path. */
  readonly url: string;
  /** Null where a cookie speaks. */
  readonly token: string | null;
}

export type Api = Client<paths>;

export function connect({ url, token }: Connection): Api {
  return createClient<paths>({
    baseUrl: url,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    fetch: (request) =>
      fetch(request).catch((error: unknown) => {
        if (request.signal.aborted) throw error;
        throw unreachable(url, error);
      }),
  });
}

/** The body of an answer. @throws Problem */
export async function bodyOf<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<NonNullable<T>> {
  const { data, error, response } = await call;
  if (!response.ok || data === undefined || data === null) throw problemFrom(response, error);
  return data;
}

type Page<Item> = { items: Item[]; nextCursor: string | null };

/** All rows of a list, page by page. */
export async function everyItem<Item>(ask: (cursor: string | null) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await ask(cursor);
    items.push(...page.items);
    if (page.nextCursor === cursor) break;
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}
