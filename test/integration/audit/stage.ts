// The audit service on a real bus and database, with whoever speaks to it.
import { coreConfig } from '#infra/config.ts';
import { newHealth } from '#infra/health.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus, Stoppable } from '#infra/nats/bus.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import { startAudit } from '#services/audit/main.ts';
import { auditEntities, DATABASE_ROLE } from '#services/audit/store/entities.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';
import type { AuditFault, HeldCheckpoint, VerifyCursor } from '#subjects/schema/audit-verification.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { type TestDatabase, testDatabase } from '#test/harness/postgres.ts';
import { until } from '#test/harness/until.ts';

export const log = createLogger('test', process.env['TEST_LOG'] ?? 'silent');
export const SOON_MS = 60_000;

export interface Stage {
  readonly nats: TestBus;
  readonly server: TestDatabase;
  /** As whoever owns the server: past every right. */
  readonly owner: Database;
  readonly gateway: Bus;
  start(): Promise<void>;
  stopAudit(): Promise<void>;
  emit(record: AuditRecord): Promise<number>;
  list(filter: object): Promise<{ items: Listed[]; nextCursor: string | null }>;
  untilKept(object: string, count: number): Promise<unknown>;
  stop(): Promise<void>;
}
type Listed = Awaited<ReturnType<typeof listOf>>['items'][number];
const listOf = (bus: Bus, filter: object) => bus.request('listAudit', {}, filter);

export function recordOf(object: string, given: Partial<AuditRecord> = {}): AuditRecord {
  return {
    ...{ kind: 'audit', id: newId(), at: new Date().toISOString(), action: 'stack.put', object, outcome: 'accepted' },
    actor: { kind: 'operator', id: 'admin', requestId: newId() },
    code: null,
    detail: { revision: 1, note: 'it’s; drop table', none: null },
    ...given,
  };
}

/** As the gateway goes about it: part by part, to the end. */
export async function verified(bus: Bus, held: HeldCheckpoint[] = [], range: { from?: string; to?: string } = {}) {
  const faults: AuditFault[] = [];
  let records = 0;
  let checkpoints = 0;
  let cursor: VerifyCursor | null = null;
  do {
    const input = { cursor, held, ...range };
    const part: Awaited<ReturnType<typeof ask>> = await ask(input);
    faults.push(...part.faults);
    records += part.records;
    checkpoints += part.checkpoints;
    cursor = part.cursor;
  } while (cursor !== null);
  return { faults, records, checkpoints };

  function ask(input: object) {
    return bus.request('verifyAudit', {}, input as never, { timeoutMs: SOON_MS });
  }
}

/** Past the triggers, which stop nobody who owns the table. */
export async function tamper(owner: Database, sql: string, parameters: unknown[] = []): Promise<void> {
  await owner.transaction(async (em) => {
    for (const table of ['audit_chain', 'audit_checkpoints', 'audit_sealed_heads']) {
      await em.execute(`alter table ${table} disable trigger all`, [], 'run');
    }
    await em.execute(sql, parameters, 'run');
    for (const table of ['audit_chain', 'audit_checkpoints', 'audit_sealed_heads']) {
      await em.execute(`alter table ${table} enable always trigger audit_refuse_change`, [], 'run');
      await em.execute(`alter table ${table} enable always trigger audit_refuse_truncate`, [], 'run');
    }
  });
}

export async function setStage(): Promise<Stage> {
  const server = await testDatabase();
  const nats = await startTestBus();
  const owner = await openDatabase({ url: server.url, entities: auditEntities, log });
  const config = coreConfig({ OVERSEER_DATA: nats.data, OVERSEER_NATS: nats.servers[0] ?? '' });
  let audit: Stoppable | null = null;
  let database: Database | null = null;
  let bus: Bus | null = null;

  async function stopAudit(): Promise<void> {
    await audit?.stop();
    await bus?.close();
    await database?.close();
    audit = null;
  }

  async function start(): Promise<void> {
    database = await openDatabase({ url: server.url, entities: auditEntities, log, role: DATABASE_ROLE });
    bus = await nats.connect('audit');
    audit = await startAudit({ bus, log, database, data: nats.data, config, version: '0.0.0', health: newHealth() });
    await bus.flush();
  }

  await start();
  const gateway = await nats.connect('gateway');
  const list = (filter: object) => listOf(gateway, filter);
  return {
    ...{ nats, server, owner, gateway, start, stopAudit, list },
    emit: (record) => gateway.emit('auditRecord', { service: 'gateway' }, record),
    untilKept: (object, count) =>
      until(async () => (await list({ object, limit: 1000 })).items.length >= count, SOON_MS, `${count} of ${object}`),
    async stop() {
      await stopAudit();
      await nats.stop();
      await owner.close();
      await server.drop();
    },
  };
}
