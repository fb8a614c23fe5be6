// The core itself: its services, and a summary for dashboards.
import type { Bus, RequestName } from '#infra/nats/bus.ts';
import { CoreStatus, Summary } from '../openapi/shapes.ts';
import type { App, GatewayParts } from '../parts.ts';
import { everyRow } from './pages.ts';

const STATUS_TIMEOUT_MS = 2_000;
const REQUESTS = {
  registry: 'registryStatus',
  scheduler: 'schedulerStatus',
  logs: 'logsStatus',
  audit: 'auditStatus',
} as const satisfies Record<string, RequestName>;

async function statusOf(bus: Bus, service: keyof typeof REQUESTS) {
  try {
    const answer = await bus.request(REQUESTS[service], {}, {}, { timeoutMs: STATUS_TIMEOUT_MS });
    return { ...answer, service, state: 'up' as const };
  } catch {
    return { service, state: 'down' as const, version: null, startedAt: null, counts: {} };
  }
}

function counted<K extends string>(kinds: readonly K[], found: readonly string[]): Record<K, number> {
  return Object.fromEntries(kinds.map((kind) => [kind, found.filter((one) => one === kind).length])) as Record<
    K,
    number
  >;
}

export function coreRoutes(app: App, { bus, version }: GatewayParts): void {
  const startedAt = new Date().toISOString();

  app.get(
    '/status',
    {
      schema: {
        operationId: 'getStatus',
        summary: 'The services of the core, with their versions',
        tags: ['core'],
        response: { 200: CoreStatus },
      },
    },
    async () => {
      const names = Object.keys(REQUESTS) as (keyof typeof REQUESTS)[];
      const others = await Promise.all(names.map((service) => statusOf(bus, service)));
      const own = { service: 'gateway', state: 'up' as const, version, startedAt, counts: {} };
      return { version, ready: others.every(({ state }) => state === 'up'), services: [own, ...others] };
    },
  );

  app.get(
    '/summary',
    {
      schema: {
        operationId: 'getSummary',
        summary: 'Counts for dashboards',
        tags: ['core'],
        response: { 200: Summary },
      },
    },
    async () => {
      const [nodes, stacks] = await Promise.all([
        everyRow((page) => bus.request('listNodes', {}, page)),
        everyRow((page) => bus.request('listStacks', {}, page)),
      ]);
      const liveness = nodes.map((node) => node.liveness);
      const failed = stacks.filter(({ nodes }) => nodes.some(({ phase }) => phase === 'failed')).length;
      const states = stacks.map(({ state }) => state);
      return {
        nodes: { total: nodes.length, ...counted(['pending', 'online', 'suspect', 'offline'], liveness) },
        stacks: { total: stacks.length, ...counted(['running', 'stopped'], states), failed },
      };
    },
  );
}
