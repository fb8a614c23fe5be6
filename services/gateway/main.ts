// The gateway: HTTP in front, the bus behind. Puts its parts together.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { metrics } from '#infra/metrics.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import { vault } from '#infra/nats/vault.ts';
import { runService, type ServiceContext } from '#infra/service.ts';
import { prepareAccess } from './access/tokens.ts';
import { buildApp } from './app.ts';
import { endAllEventStreams } from './live/sse.ts';
import { openLiveStream } from './live/stream.ts';

const CONSOLE = fileURLToPath(new URL('../../clients/console/dist', import.meta.url));

export interface Gateway extends Stoppable {
  /** Where it listens. */
  readonly url: string;
}

export async function startGateway(context: ServiceContext): Promise<Gateway> {
  const { bus, log, data, config, version, health } = context;
  const events = openLiveStream(bus, 'EVENTS');
  const app = await buildApp({
    ...{ bus, log, version, health, events },
    access: prepareAccess(data),
    addresses: { http: config.http, nats: config.nats, advertise: config.advertise },
    ca: () => readFileSync(vault(data).ca, 'utf8'),
    consoleRoot: CONSOLE,
    metrics: () => metrics.metrics(),
  });
  // From here on no event is missed by whoever connects.
  await bus.flush();
  const url = await app.listen(config.http);
  log.info({ url }, 'the gateway listens');
  return {
    url,
    async stop() {
      endAllEventStreams();
      await app.close();
      await events.stop();
    },
  };
}

if (import.meta.main) await runService('gateway', startGateway);
