// A process that relays the outbox and kills itself with SIGKILL at a given failpoint, the given time it passes it.
// `marks-first` is the control: a relay that marks before it publishes.
import { createLogger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { connectBus } from '#infra/nats/connect.ts';
import { loadCredential } from '#infra/nats/credentials.ts';
import { vault } from '#infra/nats/vault.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import { startRelay } from '#infra/postgres/outbox.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';

export interface ChildTask {
  readonly data: string;
  readonly servers: string[];
  readonly ca: string;
  readonly databaseUrl: string;
  readonly dieAt: string;
  /** Passes of the failpoint, over both services. */
  readonly pass: number;
}

const task = JSON.parse(process.env['RELAY_TASK'] ?? '{}') as ChildTask;
const log = createLogger('relay', 'silent');
let passed = 0;

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('the signal comes before this is thrown');
}

function failpoint(at: string): void {
  if (at !== task.dieAt) return;
  passed += 1;
  if (passed >= task.pass) die();
}

const connect = (principal: 'registry' | 'scheduler'): Promise<Bus> => {
  const credential = loadCredential(vault(task.data).credential(principal));
  return connectBus({ principal, servers: task.servers, ca: task.ca, credential, log });
};

async function markFirst(database: Database, bus: Bus): Promise<never> {
  for (;;) {
    const rows = await database.transaction((em) =>
      em.execute<{ parameters: { node: string; fact: string }; body: CloudEvent }[]>(
        `update outbox set sent_at = now(), outcome = 'sent'
         where id in (select id from outbox where service = 'registry' and sent_at is null order by id limit 8)
         returning parameters, body`,
      ),
    );
    if (rows.length > 0) failpoint('marks-first');
    for (const { parameters, body } of rows) await bus.emit('nodeFact', parameters, body);
  }
}

const database = await openDatabase({ url: task.databaseUrl, entities: [], log });
const registry = await connect('registry');
if (task.dieAt === 'marks-first') {
  await markFirst(database, registry);
} else {
  startRelay({ database, bus: registry, service: 'registry', log, failpoint });
  startRelay({ database, bus: await connect('scheduler'), service: 'scheduler', log, failpoint });
}
