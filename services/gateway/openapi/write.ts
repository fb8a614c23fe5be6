// docs/openapi.json: the document of all routes, made without a bus.
import { randomBytes } from 'node:crypto';
import { newHealth } from '#infra/health.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { accessOf } from '../access/tokens.ts';
import { buildApp } from '../app.ts';

/** The text of the document, as it is committed. The version stays out: it would change the file with each release. */
export async function openapiDocument(): Promise<string> {
  const app = await buildApp({
    // Routes touch these when they are called, and here none is.
    bus: {} as Bus,
    events: { last: never, follow: never, between: never, before: never, stop: async () => {} },
    log: createLogger('openapi', 'silent'),
    version: '1',
    access: accessOf(randomBytes(32).toString('hex'), randomBytes(32)),
    addresses: { http: { host: '127.0.0.1', port: 7700 }, nats: { port: 4222 }, advertise: null },
    ca: () => '',
    health: newHealth(),
    consoleRoot: import.meta.dirname,
    metrics: async () => '',
  });
  try {
    return `${JSON.stringify(app.swagger(), null, 2)}\n`;
  } finally {
    await app.close();
  }
}

function never(): never {
  throw new Error('no route is called while the document is made');
}
