// The registry: who the nodes are, their credentials, and whether they are there. Puts its parts together.
import { readFileSync } from 'node:fs';
import { newId } from '#infra/ids.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import { connectClaims } from '#infra/nats/claims.ts';
import { makeReaderDurable, removeReaderDurable } from '#infra/nats/readers.ts';
import { vault } from '#infra/nats/vault.ts';
import { startRelay } from '#infra/postgres/outbox.ts';
import { busServers, databaseOf, runService, type ServiceContext } from '#infra/service.ts';
import { openAuthority } from './authority.ts';
import { serveRequests } from './handlers.ts';
import type { ReaderDurables, RegistryParts } from './parts.ts';
import { clearReaders, keepDurables, revokeReaders } from './readers.ts';
import { receive, tellGaps } from './received.ts';
import { openRevoker } from './revoker.ts';
import { registryEntities } from './store/entities.ts';
import { startUpkeep } from './upkeep.ts';
import { watchLiveness } from './watch.ts';

export interface RegistryOverrides {
  now?(): Date;
  monotonic?(): number;
}

export async function startRegistry(context: ServiceContext, overrides: RegistryOverrides = {}): Promise<Stoppable> {
  const { bus, log, data, config, version } = context;
  const { now = () => new Date(), monotonic = () => performance.now() } = overrides;
  const database = databaseOf(context);
  const startedAt = now().toISOString();
  const servers = busServers(config);
  // Read each time: the server may be prepared anew while we run.
  const access = () => ({ data, servers, ca: readFileSync(vault(data).ca, 'utf8') });
  const connect = () => connectClaims({ ...access(), log });
  const revoker = openRevoker({ database, log, connect, now });
  const watch = await watchLiveness({ bus, database, log, now, monotonic });
  const durables: ReaderDurables = {
    make: (durable) => makeReaderDurable(access(), durable),
    remove: (durable) => removeReaderDurable(access(), durable),
  };
  const authority = openAuthority(data);
  const parts: RegistryParts = { bus, database, authority, watch, revoker, durables, log, now, newId };
  const running = [
    ...serveRequests(parts, { version, startedAt }),
    ...receive(parts),
    watch,
    startUpkeep(
      [
        { name: 'revocations', run: () => revoker.revokeAll(), isOnce: true },
        { name: 'unconfirmed revocations', run: () => revoker.revokeUnconfirmed() },
        { name: 'gaps', run: () => tellGaps(parts) },
        { name: 'revocations of readers', run: () => revokeReaders(parts), isOnce: true },
        { name: 'removed readers', run: () => clearReaders(parts) },
        { name: 'durables of readers', run: () => keepDurables(parts), isOnce: true },
      ],
      log,
    ),
    startRelay({ database, bus, service: 'registry', log }),
  ];
  return {
    async stop() {
      await Promise.all(running.map((part) => part.stop()));
      await revoker.stop();
    },
  };
}

if (import.meta.main) await runService('registry', startRegistry, registryEntities);
