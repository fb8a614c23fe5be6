// How far lines were handed on. Whoever holds the row of a target hands on; other replicas leave it alone meanwhile.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { query } from '#infra/postgres/parameters.ts';

export async function known(em: EntityManager, target: string): Promise<void> {
  await query(em, 'insert into log_forwards (target) values ($1) on conflict do nothing', [target]);
}

/** Until the transaction ends. @returns the id up to which all was handed on; null: another holds it */
export async function holdPosition(em: EntityManager, target: string): Promise<number | null> {
  const sql = 'select position from log_forwards where target = $1 for update skip locked';
  const [row] = await query<{ position: string }>(em, sql, [target]);
  return row ? Number(row.position) : null;
}

export async function moveTo(em: EntityManager, target: string, id: number, refused: number, fault: string | null) {
  await query(
    em,
    `update log_forwards set position = $2, refused = refused + $3, updated_at = now(), fault = $4,
       fault_at = case when $4::text is null then null else now() end where target = $1`,
    [target, id, refused, fault],
  );
}

export async function tellFault(em: EntityManager, target: string, fault: string): Promise<void> {
  await query(em, 'update log_forwards set fault = $2, fault_at = now() where target = $1', [target, fault]);
}

export interface Standing {
  readonly target: string;
  readonly position: number;
  /** Lines that were never taken. */
  readonly refused: number;
  readonly fault: string | null;
  /** Age of the oldest line that is still to be handed on; 0 when there is none. */
  readonly behindSeconds: number;
}

export async function standings(em: EntityManager, targets: readonly string[]): Promise<Standing[]> {
  const rows = await query<{ target: string; position: string; refused: string; fault: string | null; behind: string }>(
    em,
    `select target, position, refused, fault, coalesce((select extract(epoch from now() - received_at)
       from log_chunks where id > position order by id limit 1), 0) as behind
     from log_forwards where target = any($1) order by target`,
    [targets],
  );
  return rows.map(({ target, position, refused, fault, behind }) => ({
    ...{ target, position: Number(position), refused: Number(refused), fault },
    behindSeconds: Math.max(0, Math.round(Number(behind))),
  }));
}
