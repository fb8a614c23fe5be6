// The audit service: keeps what every service and every node records, and shows it. Puts its parts together.
import { deadLetters } from '#infra/metrics.ts';
import type { DeadLetter, Stoppable } from '#infra/nats/bus.ts';
import { keepDeadLetter } from '#infra/postgres/outbox.ts';
import { databaseOf, runService, type ServiceContext } from '#infra/service.ts';
import { PAGE, pageOf, readCursor } from './page.ts';
import { auditEntities } from './store/entities.ts';
import { append, counts, newestRecords } from './store/records.ts';

export async function startAudit(context: ServiceContext): Promise<Stoppable> {
  const { bus, version } = context;
  const database = databaseOf(context);
  const startedAt = new Date().toISOString();
  const deadLetter = async (letter: DeadLetter) => {
    await database.transaction((em) => keepDeadLetter(em, 'audit', letter));
    deadLetters.inc({ service: 'audit', stream: letter.stream });
  };
  const running = [
    bus.consume('auditRecord', {
      deadLetter,
      handle: ({ body, parameters: { service } }) => database.transaction((em) => append(em, service, body)),
    }),
    bus.consume('nodeAudit', {
      deadLetter,
      handle: ({ body, parameters: { node } }) => database.transaction((em) => append(em, node, body)),
    }),
    bus.serve('listAudit', async ({ action, object, limit = PAGE, cursor }) => {
      const filter = { action, object, before: readCursor(cursor) };
      return pageOf(await database.read((em) => newestRecords(em, filter, limit + 1)), limit);
    }),
    bus.serve('auditStatus', async () => ({
      ...{ service: 'audit', version, startedAt },
      counts: await database.read(counts),
    })),
  ];
  return {
    async stop() {
      await Promise.all(running.map((part) => part.stop()));
    },
  };
}

if (import.meta.main) await runService('audit', startAudit, auditEntities);
