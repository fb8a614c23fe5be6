// The logs service. Batches of log lines wait in their stream until it reads them; for now it only says that it is there.
import type { Stoppable } from '#infra/nats/bus.ts';
import { runService, type ServiceContext } from '#infra/service.ts';

export async function startLogs({ bus, version }: ServiceContext): Promise<Stoppable> {
  const startedAt = new Date().toISOString();
  return bus.serve('logsStatus', async () => ({ service: 'logs', version, startedAt, counts: {} }));
}

if (import.meta.main) await runService('logs', startLogs);
