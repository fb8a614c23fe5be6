// What the gateway counts of its own calls. Labels hold a route's template, never an address.
import { Counter } from 'prom-client';
import { metrics, requestSeconds } from '#infra/metrics.ts';
import type { App } from './parts.ts';

const requests = new Counter({
  name: 'overseer_http_requests_total',
  help: 'HTTP requests answered',
  labelNames: ['method', 'route', 'code'],
  registers: [metrics],
});

/** Others may be invented by a caller. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);

export function countRequests(app: App): void {
  app.addHook('onResponse', async (request, reply) => {
    const method = METHODS.has(request.method) ? request.method : 'other';
    const route = request.routeOptions.url ?? 'none';
    requests.inc({ method, route, code: reply.statusCode });
    // A stream lasts as long as its reader stays.
    if (!/text\/event-stream/.test(String(reply.raw.getHeader('content-type') ?? ''))) {
      requestSeconds.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    }
  });
}
