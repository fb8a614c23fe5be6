// An outbox with both ends: a database, a bus, and ways to owe and to see what arrived.
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus, LiveMessage } from '#infra/nats/bus.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import { enqueue, enqueueState } from '#infra/postgres/outbox.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { until } from '#test/harness/until.ts';

export const log = createLogger('test', process.env['TEST_LOG'] ?? 'silent');

export interface OutboxFixture {
  readonly nats: TestBus;
  readonly database: Database;
  readonly databaseUrl: string;
  /** Reads what was published. */
  readonly gateway: Bus;
  owe(node: string, number: number): Promise<string>;
  oweState(node: string, generation: number): Promise<void>;
  /** Rows not marked as sent. */
  owed(): Promise<number>;
  untilNothingIsOwed(): Promise<void>;
  stop(): Promise<void>;
}

export function eventOf(node: string, number: number): CloudEvent {
  return {
    specversion: '1.0',
    id: newId(),
    type: 'dev.overseer.node.updated.v1',
    source: 'registry',
    subject: `nodes/${node}`,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: { number },
  };
}

export async function storedEvents(bus: Bus): Promise<CloudEvent[]> {
  const found: LiveMessage[] = [];
  for (let from = 1; ; ) {
    const { messages } = await bus.history('EVENTS', from, 500);
    const last = messages.at(-1);
    if (last === undefined) return found.map(({ body }) => body as CloudEvent);
    found.push(...messages);
    from = last.streamSequence + 1;
  }
}

/** As a URL, so that another process can be told. */
function urlText(url: Awaited<ReturnType<typeof testDatabase>>['url']): string {
  if (typeof url === 'string') return url;
  return `postgres://${url.user}@${encodeURIComponent(url.host)}:${url.port}/${url.dbName}`;
}

export async function outboxFixture(): Promise<OutboxFixture> {
  const server = await testDatabase();
  const nats = await startTestBus();
  const database = await openDatabase({ url: server.url, entities: [], log });
  const gateway = await nats.connect('gateway');
  const owed = async () => {
    const rows = await database.read((em) => em.execute('select count(*) as n from outbox where sent_at is null'));
    return Number((rows as { n: string }[])[0]?.n);
  };
  return {
    ...{ nats, database, gateway, owed, databaseUrl: urlText(server.url) },
    async owe(node, number) {
      const body = eventOf(node, number);
      const parameters = { node, fact: 'updated' };
      await database.transaction((em) => enqueue(em, { service: 'registry', message: 'nodeFact', parameters, body }));
      return body.id;
    },
    async oweState(node, generation) {
      const payload = Buffer.from(`document ${generation}`);
      const state = { service: 'scheduler', message: 'desired', parameters: { node }, payload, generation } as const;
      await database.transaction((em) => enqueueState(em, state));
    },
    untilNothingIsOwed: async () => {
      await until(async () => (await owed()) === 0, 30_000, 'an empty outbox');
    },
    async stop() {
      await nats.stop();
      await database.close();
      await server.drop();
    },
  };
}
