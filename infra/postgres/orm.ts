// The door to PostgreSQL: opens it, brings its tables up to date, and runs transactions. The same on the embedded server
// and on a real one.
import { fileURLToPath } from 'node:url';
import type { AnyEntity, EntityClass, EntitySchema } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from '#infra/logger.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import { untilDone } from '#infra/retry.ts';
import { addressText, connectionOptions, type DatabaseUrl } from './address.ts';
import { databaseFault, isAway, isCollision } from './faults.ts';
import { listenOn } from './notifications.ts';
import { DeadLetterRow, OutboxRow } from './outbox-entities.ts';
import { type ConnectionPool, releaseBroken } from './pool.ts';
import { type DatabaseRole, mayBe } from './role.ts';

export type { EntityManager } from '@mikro-orm/postgresql';
export type { DatabaseUrl } from './address.ts';

/** Any number, the same in every process: whoever holds this lock migrates. */
const MIGRATION_LOCK = 7_204_713;
/** Four services on the embedded server, whose limit is 60 connections, and room for an administrator. */
const POOL = { min: 0, max: 8 };
const COLLISION_TRIES = 4;

type Entities = readonly (EntityClass<AnyEntity> | EntitySchema)[];

export interface Database {
  /** A fresh unit of work, outside any transaction. */
  em(): EntityManager;
  /** Done again when it collides with another, so it must have no effect but in the database. */
  transaction<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
  /** Queries without a transaction. @throws OverseerError `unavailable`, as `transaction` does, when it is away */
  read<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
  /** Calls at every NOTIFY on the channel, and once after each time that notifications may have been missed. */
  listen(channel: string, wake: () => void): Stoppable;
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: DatabaseUrl;
  readonly entities: Entities;
  readonly log: Logger;
  readonly signal?: AbortSignal;
  /** Works as this role from then on, where the server has it, lets us and it has its rights. Tables are brought up to date as ourselves. */
  readonly role?: DatabaseRole | undefined;
}

async function migrate(orm: MikroORM, pool: ConnectionPool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(`select pg_advisory_lock(${MIGRATION_LOCK})`);
    await (orm.migrator as Migrator).up();
  } finally {
    await client.query(`select pg_advisory_unlock(${MIGRATION_LOCK})`).catch(() => {});
    client.release();
  }
}

async function connect({ url, entities, log }: DatabaseOptions, role?: string) {
  const orm = await MikroORM.init({
    ...connectionOptions(url),
    entities: [OutboxRow, DeadLetterRow, ...entities],
    pool: POOL,
    extensions: [Migrator],
    migrations: { path: fileURLToPath(new URL('./migrations', import.meta.url)), snapshot: false, silent: true },
    discovery: { warnWhenNoEntities: false },
    logger: (message) => log.debug(message),
    allowGlobalContext: false,
    ...(role === undefined ? {} : { driverOptions: { options: `-c role=${role}` } }),
  });
  const pool = (await orm.em.getConnection().getNativeClient()) as unknown as ConnectionPool;
  releaseBroken(pool);
  return { orm, pool };
}

/** Waits for the server to answer, then migrates. @throws what a migration threw, or the reason of `signal` */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, log, signal } = options;
  let { orm, pool } = await connect(options);
  const ready = async () => {
    const client = await pool.connect();
    await client.query('select 1').finally(() => client.release());
  };
  try {
    await untilDone(`PostgreSQL at ${addressText(url)}`, ready, { log, signal, isWorthAnother: isAway });
    await migrate(orm, pool);
    const { role } = options;
    if (role !== undefined && (await mayBe(role, pool))) {
      await orm.close(true);
      ({ orm, pool } = await connect(options, role.name));
    } else if (role !== undefined) {
      log.warn({ role: role.name }, 'the database does not let this service work with fewer rights than its own user');
    }
  } catch (error) {
    await orm.close(true);
    throw error;
  }

  async function transaction<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await orm.em.fork().transactional((em) => work(em));
      } catch (error) {
        if (!isCollision(error) || tries >= COLLISION_TRIES) throw databaseFault(error);
      }
    }
  }

  return {
    em: () => orm.em.fork(),
    transaction,
    async read(work) {
      try {
        return await work(orm.em.fork());
      } catch (error) {
        throw databaseFault(error);
      }
    },
    listen: (channel, wake) => listenOn(pool, channel, wake, log),
    isReady: () =>
      ready().then(
        () => true,
        () => false,
      ),
    close: () => orm.close(true),
  };
}
