// Every row of every table of a running system's database as text, the way a stolen dump would show it. Columns of bytes
// are unpacked where they are compressed.
import { MikroORM } from '@mikro-orm/postgresql';
import { connectionOptions } from '#infra/postgres/address.ts';
import { socketFolder } from '#infra/postgres/socket-folder.ts';
import type { System } from './system.ts';
import { unpacked } from './unpacked.ts';

const BYTES = /^\\x([0-9a-f]+)$/;

function told(value: unknown): string {
  const bytes = typeof value === 'string' ? BYTES.exec(value) : null;
  if (bytes) return unpacked(Buffer.from(bytes[1] as string, 'hex'));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** One text a row, with the name of its table. */
export async function databaseDump(system: System): Promise<string[]> {
  const host = socketFolder(`${system.data}/postgres`);
  const orm = await MikroORM.init({
    ...connectionOptions({ host, port: 5433, user: 'overseer', dbName: 'overseer' }),
    entities: [],
    discovery: { warnWhenNoEntities: false },
  });
  try {
    const connection = orm.em.getConnection();
    const tables: { name: string }[] = await connection.execute(
      `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    );
    const rows: string[] = [];
    for (const { name } of tables) {
      const found: { row: Record<string, unknown> }[] = await connection.execute(
        `select to_jsonb(t) as row from "${name}" t`,
      );
      rows.push(...found.map(({ row }) => `${name}: ${Object.values(row).map(told).join(' ')}`));
    }
    return rows;
  } finally {
    await orm.close(true);
  }
}
