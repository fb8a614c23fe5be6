// The five services in one process, each with a connection and an account of its own, as if they were alone. Started in
// the order in which they need each other, stopped the other way round.
import type { Stoppable } from '#infra/nats/bus.ts';
import type { DatabaseRole } from '#infra/postgres/role.ts';
import { type Entities, openContext, type ProcessParts, runUntilSignal, type ServiceContext } from '#infra/service.ts';
import type { Service } from '#subjects/principals.ts';
import { startAudit } from './audit/main.ts';
import { auditEntities, DATABASE_ROLE } from './audit/store/entities.ts';
import { startGateway } from './gateway/main.ts';
import { startLogs } from './logs/main.ts';
import { startRegistry } from './registry/main.ts';
import { registryEntities } from './registry/store/entities.ts';
import { startScheduler } from './scheduler/main.ts';
import { schedulerEntities } from './scheduler/store/entities.ts';

interface Part {
  readonly service: Service;
  readonly entities: Entities | null;
  /** Of the database that it works as. */
  readonly role?: DatabaseRole;
  start(context: ServiceContext): Promise<Stoppable>;
}

const PARTS: readonly Part[] = [
  { service: 'audit', entities: auditEntities, role: DATABASE_ROLE, start: startAudit },
  { service: 'scheduler', entities: schedulerEntities, start: startScheduler },
  { service: 'registry', entities: registryEntities, start: startRegistry },
  { service: 'logs', entities: [], start: startLogs },
  { service: 'gateway', entities: null, start: startGateway },
];

export async function startAll(shared: ProcessParts): Promise<Stoppable> {
  const contexts = await Promise.all(
    PARTS.map(({ service, entities, role }) => openContext(service, entities, shared, role)),
  );
  const running: Stoppable[] = [];
  for (const [index, { start }] of PARTS.entries()) {
    const context = contexts[index];
    if (context) running.unshift(await start(context));
  }
  shared.log.info('all services are ready');
  return {
    async stop() {
      for (const part of running) await part.stop();
      await Promise.all(contexts.map((context) => context.close()));
    },
  };
}

if (import.meta.main) await runUntilSignal('core', startAll);
