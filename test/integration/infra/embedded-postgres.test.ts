import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MikroORM } from '@mikro-orm/postgresql';
import { connectionOptions } from '#infra/postgres/address.ts';
import { type EmbeddedPostgres, startPostgres } from '#infra/postgres/embedded.ts';
import type { Way } from '#infra/postgres/non-root.ts';

const root = mkdtempSync(join(tmpdir(), 'ovs-epg-'));
after(() => rmSync(root, { recursive: true, force: true }));

async function query(server: EmbeddedPostgres, sql: string): Promise<Record<string, unknown>[]> {
  const orm = await MikroORM.init({
    ...connectionOptions(server.url),
    entities: [],
    discovery: { warnWhenNoEntities: false },
  });
  try {
    return await orm.em.getConnection().execute(sql);
  } finally {
    await orm.close(true);
  }
}

test('a killed server is started again with all it had acknowledged, a running one is found', async () => {
  const folder = join(root, 'killed');
  const first = await startPostgres(folder);
  assert.equal(first.url.dbName, 'overseer');
  await query(first, 'create table kept (n int); insert into kept values (7)');
  const again = await startPostgres(folder);
  assert.equal(again.pid, first.pid);
  process.kill(first.pid, 'SIGKILL');
  const second = await startPostgres(folder);
  assert.notEqual(second.pid, first.pid);
  assert.deepEqual(await query(second, 'select n from kept'), [{ n: 7 }]);
  await second.stop();
});

test('many starts at once end in one server', async () => {
  const servers = await Promise.all(Array.from({ length: 3 }, () => startPostgres(join(root, 'together'))));
  assert.equal(new Set(servers.map(({ pid }) => pid)).size, 1);
  await servers[0]?.stop();
});

test('a long path to the data folder still gets a socket that can be dialled', async () => {
  const server = await startPostgres(join(root, 'x'.repeat(120)));
  assert.ok(server.url.host.length < 90);
  assert.equal(statSync(server.url.host).mode & 0o777, 0o700);
  assert.deepEqual(await query(server, 'select 1 as one'), [{ one: 1 }]);
  await server.stop();
  rmSync(server.url.host, { recursive: true });
});

test("as root without user namespaces it runs in a folder that is root's alone", async (context) => {
  if (process.getuid?.() !== 0) return context.diagnostic('not root: nothing to get around');
  const closed = join(root, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  for (const way of ['mount namespace'] satisfies Way[]) {
    const server = await startPostgres(join(closed, 'postgres'), way);
    assert.deepEqual(await query(server, 'select 1 as one'), [{ one: 1 }]);
    process.kill(server.pid, 'SIGKILL');
    const second = await startPostgres(join(closed, 'postgres'), way);
    assert.deepEqual(await query(second, 'select current_database() as name'), [{ name: 'overseer' }]);
    await second.stop();
    assert.equal(statSync(closed).mode & 0o777, 0o700);
  }
});
