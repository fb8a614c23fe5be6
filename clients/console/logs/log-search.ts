// Which lines are shown, as it stands in the address: a view can be sent to somebody. Pure.
import type { LogFilter } from '#clients/sdk/logs.ts';

const FILTER_KEYS = ['stack', 'node', 'service', 'container', 'stream', 'since', 'until', 'text', 'regex'] as const;

export type LogSearch = { readonly [Key in (typeof FILTER_KEYS)[number]]?: string | undefined } & {
  /** Id of the line that is pointed at. */
  readonly line?: string | undefined;
  /** `on`: all lines, those that match marked. */
  readonly mark?: string | undefined;
};

const KEYS: readonly (keyof LogSearch)[] = [...FILTER_KEYS, 'line', 'mark'];
const LONGEST = 512;

/** What else stands in an address is not for the logs. */
export function logSearch(search: Readonly<Record<string, unknown>>): LogSearch {
  const pairs = KEYS.map((key) => [key, search[key]] as const);
  const given = pairs.filter(([, value]) => typeof value === 'string' && value !== '');
  return Object.fromEntries(given.map(([key, value]) => [key, String(value).slice(0, LONGEST)]));
}

/** What the core is asked. Lines that are only marked are not left out by it; what an expression finds it knows alone. */
export function filterOf({ line: _, mark, text, regex, stream, ...rest }: LogSearch): LogFilter {
  const isOut = stream === 'stdout' || stream === 'stderr';
  const given = {
    ...rest,
    ...(isOut ? { stream } : {}),
    ...(mark === 'on' && regex === undefined ? {} : { text, regex }),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** New lines may come as long as no end is said. */
export function isLive({ until }: LogSearch): boolean {
  return until === undefined;
}

const AROUND_MS = 60_000;

/** A line among its neighbours: a minute before and after it, whatever was looked for. */
export function aroundLine({ text: _, regex: __, mark: ___, ...rest }: LogSearch, id: string, at: string): LogSearch {
  const ms = Date.parse(at);
  return {
    ...rest,
    since: new Date(ms - AROUND_MS).toISOString(),
    until: new Date(ms + AROUND_MS).toISOString(),
    line: id,
  };
}

export function downloadAddress(search: LogSearch, format: 'text' | 'ndjson'): string {
  const query = new URLSearchParams(filterOf(search) as Record<string, string>);
  query.set('format', format);
  return `/api/logs/download?${query}`;
}
