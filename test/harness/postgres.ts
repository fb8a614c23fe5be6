// A database of its own for each test, on a real PostgreSQL: the server named by OVERSEER_TEST_POSTGRES, or an embedded
// one that this process starts for its first database and stops after its last.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/postgresql';
import { newId } from '#infra/ids.ts';
import { connectionOptions, type DatabaseUrl, withDatabase } from '#infra/postgres/address.ts';
import { startPostgres } from '#infra/postgres/embedded.ts';

export interface TestDatabase {
  readonly url: DatabaseUrl;
  drop(): Promise<void>;
}

interface Server {
  readonly url: DatabaseUrl;
  stop(): Promise<void>;
}

async function startServer(): Promise<Server> {
  const given = process.env['OVERSEER_TEST_POSTGRES'];
  if (given !== undefined) return { url: given, stop: async () => {} };
  // Short: the path of a unix socket has a limit of 107 characters.
  const folder = mkdtempSync(join(tmpdir(), 'ovs-pg-'));
  const { url, pid, stop } = await startPostgres(folder);
  // A test that is killed leaves no server behind.
  const endAtExit = () => process.kill(pid, 'SIGQUIT');
  const exit = () => process.exit(1);
  process.on('exit', endAtExit);
  process.once('SIGTERM', exit);
  return {
    url,
    async stop() {
      process.off('exit', endAtExit);
      process.off('SIGTERM', exit);
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function administer(url: DatabaseUrl, sql: string): Promise<void> {
  const orm = await MikroORM.init({
    ...connectionOptions(withDatabase(url, 'postgres')),
    entities: [],
    discovery: { warnWhenNoEntities: false },
  });
  try {
    await orm.em.getConnection().execute(sql);
  } finally {
    await orm.close(true);
  }
}

let server: Promise<Server> | null = null;
let users = 0;

export async function testDatabase(): Promise<TestDatabase> {
  users += 1;
  server ??= startServer();
  const running = await server;
  const name = `test_${newId()}`;
  await administer(running.url, `create database ${name}`);
  return {
    url: withDatabase(running.url, name),
    async drop() {
      await administer(running.url, `drop database if exists ${name} with (force)`);
      users -= 1;
      if (users > 0) return;
      server = null;
      await running.stop();
    },
  };
}
