// A role of the database that a service works as. A server that is not ours alone may not have given it to us; and roles
// belong to the whole server while rights belong to tables, so in a database that was put back the role may be there and
// have no right at all.
import type { ConnectionPool } from './pool.ts';

export interface DatabaseRole {
  readonly name: string;
  /** SQL, true for who has all the rights that the service needs. May throw. */
  readonly suffices: string;
}

export async function mayBe({ name, suffices }: DatabaseRole, pool: ConnectionPool): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(`set local role ${name}`);
    const { rows } = (await client.query(`select (${suffices}) as suffices`)) as { rows: { suffices: boolean }[] };
    return rows[0]?.suffices === true;
  } catch {
    return false;
  } finally {
    await client.query('rollback').catch(() => {});
    client.release();
  }
}
