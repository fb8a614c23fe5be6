// A long audit trail of many partitions, made by the service's own way, and put back after each time it was tampered with.
import { newId } from '#infra/ids.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { startAppending } from '#services/audit/appending.ts';
import { makeCheckpoint } from '#services/audit/checkpoints.ts';
import type { AuditSigner } from '#services/audit/signer.ts';
import { verifyPart } from '#services/audit/verifying.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';
import type { AuditFault, HeldCheckpoint, VerifyCursor } from '#subjects/schema/audit-verification.ts';

export function trailRecord(number: number): AuditRecord {
  return {
    ...{
      kind: 'audit',
      id: newId(),
      at: new Date().toISOString(),
      action: 'stack.put',
      object: `stacks/web-${number % 50}`,
    },
    actor: { kind: 'operator', id: 'admin', origin: '192.0.2.1', requestId: newId() },
    ...{ outcome: 'accepted', code: null },
    detail: { revision: number, deployment: newId(), hash: 'ab12cd34ef56', state: 'running' },
  };
}

export const partitionName = (index: number) => `p-${String(index).padStart(4, '0')}`;

export interface Trail {
  readonly database: Database;
  readonly signer: AuditSigner;
}

/** Sealed by checkpoints on the way. */
export async function makeTrail(
  { database, signer }: Trail,
  partitions: number,
  each: number,
  seals = 4,
): Promise<void> {
  const now = () => new Date();
  const appending = startAppending({ database, signer, now });
  const share = Math.ceil(each / seals);
  for (let from = 0; from < each; from += share) {
    const records = Array.from({ length: Math.min(share, each - from) }, (_, at) => from + at);
    // Partition by partition within a share, so that each has heads of its own in every checkpoint.
    await Promise.all(
      Array.from({ length: partitions }, (_, index) => index).flatMap((index) =>
        records.map((number) => appending.append({ partition: partitionName(index), record: trailRecord(number) })),
      ),
    );
    await database.transaction((em) => makeCheckpoint(em, { signer, now }));
  }
}

export async function verifyTrail({ database, signer }: Trail, held: HeldCheckpoint[] = []) {
  const faults: AuditFault[] = [];
  let [records, checkpoints] = [0, 0];
  let cursor: VerifyCursor | null = null;
  do {
    const part: Awaited<ReturnType<typeof verifyPart>> = await verifyPart(
      { database, signer, own: () => null },
      { cursor, held },
    );
    faults.push(...part.faults);
    records += part.records;
    checkpoints += part.checkpoints;
    cursor = part.cursor;
  } while (cursor !== null);
  return { faults, records, checkpoints };
}

const TABLES = ['audit_chain', 'audit_checkpoints', 'audit_sealed_heads'];

/** As the owner of the server, past triggers. */
export async function asOwner(
  owner: Database,
  work: (em: Parameters<Parameters<Database['transaction']>[0]>[0]) => Promise<void>,
) {
  await owner.transaction(async (em) => {
    for (const table of TABLES) await em.execute(`alter table ${table} disable trigger all`, [], 'run');
    await work(em);
    for (const table of TABLES) {
      for (const name of ['change', 'truncate']) {
        await em.execute(`alter table ${table} enable always trigger audit_refuse_${name}`, [], 'run');
      }
    }
  });
}

export async function keepCopy(owner: Database): Promise<void> {
  await owner.transaction(async (em) => {
    for (const table of TABLES) {
      await em.execute(`drop table if exists ${table}_kept`, [], 'run');
      await em.execute(`create table ${table}_kept as select * from ${table}`, [], 'run');
    }
  });
}

/** @param partitions those that were changed; left out: everything */
export async function putBack(owner: Database, partitions?: readonly string[]): Promise<void> {
  await asOwner(owner, async (em) => {
    if (partitions === undefined) {
      for (const table of TABLES) {
        await em.execute(`truncate ${table}`, [], 'run');
        const identity = table === 'audit_chain' ? 'overriding system value ' : '';
        await em.execute(`insert into ${table} ${identity}select * from ${table}_kept`, [], 'run');
      }
      return;
    }
    const wanted = '(select jsonb_array_elements_text(?::jsonb))';
    await em.execute(`delete from audit_chain where partition in ${wanted}`, [JSON.stringify(partitions)], 'run');
    await em.execute(
      `insert into audit_chain overriding system value select * from audit_chain_kept where partition in ${wanted}`,
      [JSON.stringify(partitions)],
      'run',
    );
  });
}
