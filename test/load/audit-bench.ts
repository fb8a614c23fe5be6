// What the audit costs: records appended a second by how many writers, and a million records verified on one core.

import { createLogger } from '#infra/logger.ts';
import { openDatabase } from '#infra/postgres/orm.ts';
import { newSigningKey } from '#infra/signing/ed25519.ts';
import { startAppending } from '#services/audit/appending.ts';
import { makeCheckpoint } from '#services/audit/checkpoints.ts';
import { signerOf } from '#services/audit/signer.ts';
import { auditEntities, DATABASE_ROLE } from '#services/audit/store/entities.ts';
import { type Trail, trailRecord, verifyTrail } from '#test/harness/audit-trail.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { seconds, table } from './figures.ts';

const RECORDS = Number(process.env['OVERSEER_BENCH_AUDIT_RECORDS'] ?? 1_000_000);
/** Written side by side, as many nodes and services do. */
const WRITERS = [1, 16, 256] as const;
const PARTITIONS = 20;
const CHECKPOINT_EVERY = 1_000;
const APPEND_MS = 5_000;

const perSecond = (count: number, ms: number) => Math.round((count / ms) * 1000).toLocaleString('en');
const now = () => new Date();

/** As many as can be kept in the time, each writer with the next when the last is kept. */
async function appended(trail: Trail, writers: number): Promise<number> {
  const appending = startAppending({ ...trail, now });
  const end = performance.now() + APPEND_MS;
  let count = 0;
  async function write(writer: number): Promise<void> {
    while (performance.now() < end) {
      await appending.append({ partition: `w-${writer}`, record: trailRecord(count) });
      count += 1;
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  return count;
}

async function fill(trail: Trail): Promise<void> {
  const appending = startAppending({ ...trail, now });
  for (let done = 0; done < RECORDS; done += CHECKPOINT_EVERY) {
    const records = Array.from({ length: Math.min(CHECKPOINT_EVERY, RECORDS - done) }, (_, at) =>
      trailRecord(done + at),
    );
    await Promise.all(records.map((record, at) => appending.append({ partition: `p-${at % PARTITIONS}`, record })));
    await trail.database.transaction((em) => makeCheckpoint(em, { signer: trail.signer, now }));
  }
}

export async function auditBench(): Promise<string[]> {
  const server = await testDatabase();
  const log = createLogger('bench', 'silent');
  const database = await openDatabase({ url: server.url, entities: auditEntities, log, role: DATABASE_ROLE });
  const trail: Trail = { database, signer: signerOf(newSigningKey()) };
  try {
    const rows: string[][] = [];
    for (const writers of WRITERS) {
      const begun = performance.now();
      const count = await appended(trail, writers);
      rows.push([`${writers} at a time`, perSecond(count, performance.now() - begun)]);
    }
    await fill(trail);
    const cpu = process.cpuUsage();
    const begun = performance.now();
    const { records, checkpoints, faults } = await verifyTrail(trail);
    const took = performance.now() - begun;
    const { user, system } = process.cpuUsage(cpu);
    if (faults.length > 0) throw new Error(JSON.stringify(faults[0]));
    return [
      table('Audit records kept a second', ['writers', 'records/s'], rows),
      table(
        'Audit verified',
        ['records', 'checkpoints', 'took', 'CPU of the service', 'records/s'],
        [
          [
            records.toLocaleString('en'),
            checkpoints.toLocaleString('en'),
            seconds(took),
            seconds((user + system) / 1000),
            perSecond(records, took),
          ],
        ],
      ),
    ];
  } finally {
    await database.close();
    await server.drop();
  }
}
