// What every service of the core is given, built from the environment, and how it ends: on SIGTERM it stops taking work,
// finishes what it has begun, and closes its connections.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OverseerError } from '#subjects/errors.ts';
import type { Service } from '#subjects/principals.ts';
import { type CoreConfig, coreConfig } from './config.ts';
import { type Health, newHealth } from './health.ts';
import { createLogger, type Logger } from './logger.ts';
import { rejectedMessages } from './metrics.ts';
import type { Bus, Stoppable } from './nats/bus.ts';
import { connectBus } from './nats/connect.ts';
import { loadCredential } from './nats/credentials.ts';
import { vault } from './nats/vault.ts';
import { startPostgres } from './postgres/embedded.ts';
import { type Database, type DatabaseOptions, type DatabaseUrl, openDatabase } from './postgres/orm.ts';
import { untilDone } from './retry.ts';

export interface ServiceContext {
  readonly bus: Bus;
  readonly log: Logger;
  /** Of all but the gateway. */
  readonly database: Database | null;
  /** Absolute path of $OVERSEER_DATA. */
  readonly data: string;
  readonly config: CoreConfig;
  readonly version: string;
  /** Of the whole process. */
  readonly health: Health;
}

export interface OpenContext extends ServiceContext {
  /** Closes what was opened for it. */
  close(): Promise<void>;
}

export type Entities = DatabaseOptions['entities'];

/** What the services of one process share. */
export interface ProcessParts {
  readonly config: CoreConfig;
  readonly log: Logger;
  readonly health: Health;
  readonly version: string;
  /** Of the server that is named, or of the embedded one, which is started unless it runs. */
  databaseUrl(): Promise<DatabaseUrl>;
  /** Aborted when the process is told to end while it still waits for a part. */
  readonly signal: AbortSignal;
}

const STOP_TIMEOUT_MS = 15_000;

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}

export function processParts(name: string, signal: AbortSignal): ProcessParts {
  const config = coreConfig(process.env);
  const { databaseUrl: named, data, logLevel } = config;
  let found: Promise<DatabaseUrl> | null = null;
  return {
    config,
    log: createLogger(name, logLevel),
    health: newHealth(),
    version: packageVersion(),
    signal,
    databaseUrl() {
      found ??= named === null ? startPostgres(join(data, 'postgres')).then(({ url }) => url) : Promise.resolve(named);
      return found;
    },
  };
}

/** `host:port` of each server, as this machine reaches it. */
export function busServers({ nats }: CoreConfig): string[] {
  if ('servers' in nats) return nats.servers;
  const host = nats.host === '0.0.0.0' ? '127.0.0.1' : nats.host === '::' ? '::1' : nats.host;
  return [`${host.includes(':') ? `[${host}]` : host}:${nats.port}`];
}

async function openBus(service: Service, parts: ProcessParts): Promise<Bus> {
  const { config, log, signal } = parts;
  const files = vault(config.data);
  // Written by whoever prepares the server, which may have started a moment after us.
  const [ca, credential] = await untilDone(
    `the credential of ${service} in ${files.root}`,
    async () => [readFileSync(files.ca, 'utf8'), loadCredential(files.credential(service))] as const,
    { log, signal },
  );
  const servers = busServers(config);
  const metrics = { onRejected: (message: string) => rejectedMessages.inc({ message }) };
  return connectBus({ principal: service, servers, ca, credential, log, metrics });
}

/**
 * Waits until nats-server and PostgreSQL answer. Without entities the service has no database.
 * @param role of the database that it works as, where the server has it
 */
export async function openContext(
  service: Service,
  entities: Entities | null = null,
  parts: ProcessParts = processParts(service, new AbortController().signal),
  role?: DatabaseOptions['role'],
): Promise<OpenContext> {
  const log = parts.log.child({ service });
  const { config, health, version, signal } = parts;
  const own = { ...parts, log };
  const [bus, database] = await Promise.all([
    openBus(service, own),
    entities && parts.databaseUrl().then((url) => openDatabase({ url, entities, log, signal, role })),
  ]);
  health.add({ name: `${service}.bus`, isReady: () => bus.isConnected });
  if (database) health.add({ name: `${service}.database`, isReady: () => database.isReady() });
  return {
    ...{ bus, log, database, config, version, health, data: config.data },
    async close() {
      await bus.close();
      await database?.close();
    },
  };
}

/** The database of a service that can't be without one. */
export function databaseOf(context: ServiceContext): Database {
  if (context.database) return context.database;
  throw new OverseerError('internal', 'this service was started without a database');
}

/** Starts, stays until SIGTERM or SIGINT, stops. The process ends with 1 when stopping takes too long. */
export async function runUntilSignal(name: string, start: (parts: ProcessParts) => Promise<Stoppable>): Promise<void> {
  const ending = new AbortController();
  const parts = processParts(name, ending.signal);
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (ending.signal.aborted) return;
        parts.log.info({ signal }, 'stopping');
        ending.abort();
        setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
        resolve();
      });
    }
  });
  const started = start(parts).then(
    (running) => running,
    (error: unknown) => {
      if (ending.signal.aborted) return null;
      throw error;
    },
  );
  // Told to end while it waits for a part: what waits may not hear of it.
  const running = await Promise.race([started, signalled.then(() => null)]);
  if (running === null) process.exit(0);
  await signalled;
  await running.stop();
  parts.log.info('stopped');
  process.exit(0);
}

/** One service as a process of its own. */
export function runService(
  service: Service,
  start: (context: ServiceContext) => Promise<Stoppable>,
  entities: Entities | null = null,
  role?: DatabaseOptions['role'],
): Promise<void> {
  return runUntilSignal(service, async (parts) => {
    const context = await openContext(service, entities, parts, role);
    const running = await start(context);
    context.log.info('ready');
    return {
      async stop() {
        await running.stop();
        await context.close();
      },
    };
  });
}
