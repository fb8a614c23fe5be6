// Notifications on a real bus and a real database, with targets of the test's own, and a clock that can be put forward.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { coreConfig } from '#infra/config.ts';
import { newHealth } from '#infra/health.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus, Stoppable } from '#infra/nats/bus.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import { startNotifications } from '#services/logs/notify/main.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { NotificationSpec } from '#subjects/schema/notification.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { type TestDatabase, testDatabase } from '#test/harness/postgres.ts';

export const LONG_MS = 60_000;
const CHILD = fileURLToPath(new URL('./notify-child.ts', import.meta.url));
export const operator = (): Actor => ({ kind: 'operator', id: 'admin', requestId: newId() });

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface StandIn {
  readonly url: string;
  readonly received: Received[];
  /** How it answers from now on. */
  answer: (response: ServerResponse) => void;
  stop(): Promise<void>;
}

export const withStatus =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end('ok');

/** Takes messages and answers as it is told. */
export async function startStandIn(): Promise<StandIn> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      standIn.received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
      standIn.answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const standIn: StandIn = {
    url: `http://127.0.0.1:${port}/hook/s3cret-path`,
    received: [],
    answer: withStatus(200),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return standIn;
}

export interface NotifyStage {
  readonly nats: TestBus;
  readonly database: Database;
  readonly server: TestDatabase;
  readonly gateway: Bus;
  /** Seconds by which the service's clock is put forward. */
  forward(seconds: number): void;
  start(): Promise<void>;
  /** Beside it, or in its place, as a process. @returns its end by SIGKILL */
  startChild(): () => Promise<void>;
  stopService(): Promise<void>;
  /** Every row that notifications have a part in, as a stolen dump would show it. */
  dump(): Promise<string>;
  put(name: string, spec: NotificationSpec): Promise<string | null>;
  /** As the registry publishes it. */
  tell(
    node: string,
    fact: 'online' | 'offline' | 'registered' | 'document-rejected' | 'container-changed',
    data?: object,
    more?: Partial<CloudEvent>,
  ): Promise<CloudEvent>;
  stop(): Promise<void>;
}

export async function startNotifyStage(): Promise<NotifyStage> {
  const log = createLogger('test', process.env['TEST_LOG'] ?? 'silent');
  const server = await testDatabase();
  const nats = await startTestBus();
  const database = await openDatabase({ url: server.url, entities: [], log });
  const [gateway, registry] = [await nats.connect('gateway'), await nats.connect('registry')];
  const { data } = nats;
  const environment = { OVERSEER_DATA: data, OVERSEER_NATS: nats.servers[0] ?? '' };
  const config = coreConfig({ ...environment, OVERSEER_PUBLIC_URL: 'https://core.example' });
  let aheadMs = 0;
  const now = () => new Date(Date.now() + aheadMs);
  let running: (Stoppable & { readonly bus: Bus; readonly own: Database }) | null = null;

  const stage: NotifyStage = {
    ...{ nats, database, server, gateway },
    forward(seconds) {
      aheadMs += seconds * 1000;
    },
    async start() {
      const own = await openDatabase({ url: server.url, entities: [], log });
      const bus = await nats.connect('logs');
      const context = { bus, log, database: own, data, config, version: '0.0.0', health: newHealth() };
      const service = await startNotifications(context, { now });
      await bus.flush();
      running = { bus, own, stop: () => service.stop() };
    },
    startChild() {
      const { servers } = nats;
      const given = JSON.stringify({ data, servers, url: server.url, aheadMs });
      const child = spawn(process.execPath, [CHILD], {
        env: { ...process.env, NOTIFY_STAGE: given },
        stdio: 'inherit',
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      return async () => {
        child.kill('SIGKILL');
        await ended;
      };
    },
    async stopService() {
      await running?.stop();
      await running?.bus.close();
      await running?.own.close();
      running = null;
    },
    async dump() {
      const tables = ['notifications', 'notification_alarms', 'notification_deliveries', 'outbox', 'dead_letter'];
      const rows = await Promise.all(
        tables.map((table) => database.read((em) => em.execute(`select to_jsonb(t) as row from ${table} t`))),
      );
      return JSON.stringify(rows);
    },
    async put(name, spec) {
      return (await gateway.request('putNotification', {}, { by: operator(), name, spec })).secret;
    },
    async tell(node, fact, about = {}, more = {}) {
      const event: CloudEvent = {
        ...{ specversion: '1.0', id: newId(), type: `dev.overseer.node.${fact}.v1`, source: 'registry' },
        ...{ subject: `nodes/${node}`, time: now().toISOString(), datacontenttype: 'application/json' },
        data: { node: { id: node, name: `node-${node.slice(0, 4)}` }, ...about },
        ...more,
      };
      await registry.emit('nodeFact', { node, fact }, event);
      return event;
    },
    async stop() {
      await stage.stopService();
      await nats.stop();
      await database.close();
      await server.drop();
    },
  };
  await stage.start();
  return stage;
}

/** One stage for all tests of a file; what a test made of notifications and targets is gone after it. */
export function ownNotifyStage(): { stage(): NotifyStage; standIn(): Promise<StandIn> } {
  let stage: NotifyStage | null = null;
  const standIns: StandIn[] = [];
  const current = () => stage ?? assert.fail('only within a test');
  before(async () => {
    stage = await startNotifyStage();
  });
  afterEach(async () => {
    const { items } = await current().gateway.request('listNotifications', {}, {});
    for (const { name } of items) await current().gateway.request('removeNotification', {}, { by: operator(), name });
    for (const standIn of standIns.splice(0)) await standIn.stop();
  });
  after(() => stage?.stop());
  return {
    stage: current,
    async standIn() {
      const made = await startStandIn();
      standIns.push(made);
      return made;
    },
  };
}
