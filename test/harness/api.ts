// The gateway's REST interface as a script uses it: answers as they are, no client of ours between.

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
  readonly body: any;
  readonly headers: Headers;
}

export interface Call {
  /** Another bearer token; null sends none. */
  readonly token?: string | null;
  /** Sent as it is instead of JSON of the body. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Api = (method: string, path: string, body?: unknown, call?: Call) => Promise<Answer>;

export function apiOf(url: string, ownToken: () => string): Api {
  return async (method, path, body, call = {}) => {
    const token = call.token === undefined ? ownToken() : call.token;
    const sent = call.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      signal: AbortSignal.timeout(30_000),
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text), headers: response.headers };
  };
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

/** Every page of a list, in the order of the pages. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export async function everyPage(api: Api, path: string): Promise<any[]> {
  const items = [];
  let cursor: string | null = null;
  do {
    const page: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await api('GET', `${path}?limit=500${page}`);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    items.push(...body.items);
    if (body.items.length === 0 || body.nextCursor === cursor) break;
    cursor = body.nextCursor;
  } while (cursor !== null);
  return items;
}
