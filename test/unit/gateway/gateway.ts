// A gateway that listens, over the double of the bus.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newHealth } from '#infra/health.ts';
import { createLogger } from '#infra/logger.ts';
import { metrics } from '#infra/metrics.ts';
import { accessOf } from '#services/gateway/access/tokens.ts';
import { buildApp } from '#services/gateway/app.ts';
import { openLiveStream } from '#services/gateway/live/stream.ts';
import type { App } from '#services/gateway/parts.ts';
import { type BusDouble, busDouble } from './bus-double.ts';

export const TOKEN = `ovs_adm_${'t'.repeat(43)}`;

export interface TestGateway {
  readonly app: App;
  readonly bus: BusDouble;
  readonly url: string;
  readonly consoleRoot: string;
  stop(): Promise<void>;
}

export async function startTestGateway(): Promise<TestGateway> {
  const bus = busDouble();
  const consoleRoot = mkdtempSync(join(tmpdir(), 'overseer-console-'));
  const events = openLiveStream(bus, 'EVENTS');
  const health = newHealth();
  health.add({ name: 'bus', isReady: () => bus.isConnected });
  const app = await buildApp({
    ...{ bus, events, health, consoleRoot },
    log: createLogger('gateway', process.env['TEST_LOG'] ?? 'silent'),
    version: '9.9.9',
    access: accessOf(TOKEN, randomBytes(32)),
    addresses: { http: { host: '127.0.0.1', port: 7700 }, nats: { port: 4222 }, advertise: null },
    ca: () => 'PEM',
    metrics: () => metrics.metrics(),
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    ...{ app, bus, url, consoleRoot },
    async stop() {
      app.server.closeAllConnections();
      await app.close();
      rmSync(consoleRoot, { recursive: true, force: true });
    },
  };
}

export function buildConsole({ consoleRoot }: TestGateway): void {
  writeFileSync(join(consoleRoot, 'index.html'), '<!doctype html><title>Overseer</title>');
  writeFileSync(join(consoleRoot, 'app.js'), 'export {};');
}
