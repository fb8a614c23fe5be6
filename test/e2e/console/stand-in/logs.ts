// What the containers of the stand-in's world say. The id of an item is its number in order of arrival.
import type { LogCoverage, LogItem } from '#subjects/schema/log.ts';
import type { Node } from '#subjects/schema/node.ts';
import { ok, page, problem, type Route } from './answered.ts';
import { idOf } from './ids.ts';

const ESC = '\u001b';
const SAID: readonly (readonly [string, 'stdout' | 'stderr', (number: number) => string])[] = [
  ['web', 'stdout', (n) => `GET /products/${n % 97} 200 ${12 + (n % 40)} ms`],
  ['web', 'stdout', (n) => `GET /cart 200 ${3 + (n % 9)} ms`],
  [
    'cache',
    'stdout',
    (n) => `${ESC}[90m1:M${ESC}[0m ${ESC}[32m*${ESC}[0m 100 changes in 300 seconds. Saving... (${n})`,
  ],
  ['worker', 'stdout', (n) => `{"level":"info","job":${n},"queue":"mail","took_ms":${n % 700}}`],
  [
    'web',
    'stderr',
    (n) => `${ESC}[1;31mError${ESC}[0m: upstream timed out (110) while reading response header, request ${n}`,
  ],
  ['web', 'stdout', (n) => `GET /search?q=${'lamp+'.repeat(1 + (n % 30))} 200`],
  ['worker', 'stderr', () => `${ESC}[33mwarning${ESC}[0m retry 2 of 5: <img src=x onerror="document.title='owned'">`],
];

function sourceOf(node: string, service: string) {
  const container = service.charCodeAt(0).toString(16).repeat(32).slice(0, 64).padEnd(64, '0');
  return {
    node,
    stack: 'shop',
    service,
    container,
    containerName: `shop-${service}-1`,
    deployment: idOf('deployment', 3),
  };
}

export function lineOf(node: string, number: number, at: number, more: object = {}): LogItem {
  const [service, stream, text] = SAID[number % SAID.length] ?? ['web', 'stdout', String];
  const nanoseconds = `${new Date(at).toISOString().slice(0, -1)}${String(number % 1_000_000).padStart(6, '0')}Z`;
  const said = { stream, text: text(number), partial: false, ...more };
  return { type: 'line', id: String(number + 1), ...sourceOf(node, service), at: nanoseconds, ...said };
}

export function gapOf(node: string, number: number, at: number, rows: number | null): LogItem {
  const [from, to] = [new Date(at - 4000).toISOString(), new Date(at).toISOString()];
  const reason = rows === null ? ('rotated' as const) : ('rate-limited' as const);
  return { type: 'gap', id: String(number + 1), ...sourceOf(node, 'web'), from, to, reason, rows };
}

const EVERY_MS = 1700;

export function logsOf(nodes: readonly Node[], count: number, now: number): LogItem[] {
  const begun = now - count * EVERY_MS;
  return Array.from({ length: count }, (_, number) => {
    const node = nodes[number % Math.min(3, nodes.length)]?.id ?? idOf('node', 0);
    const at = begun + number * EVERY_MS;
    if (number === count - 12) return gapOf(node, number, at, 1204);
    return number === count - 5 ? gapOf(node, number, at, null) : lineOf(node, number, at);
  });
}

export function coverageOf(nodes: readonly Node[], now: number): LogCoverage[] {
  return nodes.slice(0, 3).flatMap((node, at) =>
    ['web', 'cache'].map((service): LogCoverage => {
      const { deployment: _, ...source } = sourceOf(node.id, service);
      const hasGap = service === 'web' && at === 0;
      return {
        ...{
          ...source,
          file: idOf(service, at)
            .padEnd(32, '0')
            .replace(/[^0-9a-f]/g, '0')
            .slice(0, 32),
        },
        held: hasGap
          ? [
              { from: 8000, to: 41_000 },
              { from: 42_204, to: 60_000 },
            ]
          : [{ from: 0, to: 60_000 }],
        gaps: hasGap ? [{ from: 41_000, to: 42_204, reason: 'rate-limited', since: null, until: null }] : [],
        unknown: hasGap ? [{ from: 0, to: 8000 }] : [],
        firstAt: new Date(now - 7_200_000).toISOString(),
        lastAt: new Date(now - 2000).toISOString(),
        ...{ lines: 58_000, bytes: 4_700_000 },
      };
    }),
  );
}

const timeOf = (item: LogItem) => (item.type === 'line' ? item.at : (item.to ?? ''));

export function matching(items: readonly LogItem[], query: URLSearchParams): LogItem[] {
  const is = (key: string, value: string) => !query.has(key) || query.get(key) === value;
  const text = query.get('text')?.toLowerCase() ?? '';
  const [since, until] = [query.get('since') ?? '', query.get('until') ?? '~'];
  return items.filter(
    (item) =>
      is('stack', item.stack) &&
      is('node', item.node) &&
      is('service', item.service) &&
      (item.type === 'gap' || (is('stream', item.stream) && item.text.toLowerCase().includes(text))) &&
      (/^\d+[smhd]$/.test(since) || timeOf(item) >= since) &&
      timeOf(item) < until,
  );
}

export function frameOf(item: LogItem): string {
  return `id: ${item.id}\ndata: ${JSON.stringify(item)}\n\n`;
}

export const LOGS: readonly Route[] = [
  [
    /^GET \/logs$/,
    (world, _, { query }) => {
      if (query.get('regex') === '(')
        return problem(400, 'malformed', 'The request is not right', 'regex: missing closing )');
      const found = matching(world.logs, query).reverse();
      const limit = Number(query.get('limit') ?? 200);
      const cursor = query.get('cursor');
      // A place that stays although more arrives.
      const from = cursor === null ? 0 : found.findIndex(({ id }) => Number(id) < Number(cursor));
      const items = from < 0 ? [] : found.slice(from, from + limit);
      const hasMore = from >= 0 && from + limit < found.length;
      return ok({ items, nextCursor: hasMore ? items.at(-1)?.id : null, previousCursor: null });
    },
  ],
  [/^GET \/logs\/coverage$/, (world) => page(world.coverage)],
];
