// Records of before there were chains are brought into them, in the order they came, by the way that all records go. Once:
// the chain itself says that it was done. Else whoever can write the old table could have anything sealed by a start.
import { newId } from '#infra/ids.ts';
import type { DeadLetter } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import { isService } from '#subjects/principals.ts';
import type { Appending } from './appending.ts';
import { BROUGHT, broughtRecord, OWN_PARTITION } from './received.ts';
import { isRecorded, type OlderRow, olderRows } from './store/older.ts';

const PAGE = 500;

interface Parts {
  readonly database: Pick<Database, 'read'>;
  readonly appending: Appending;
  deadLetter(letter: DeadLetter): Promise<void>;
  now(): Date;
}

/** A service's chain has its name; no node can have that. */
export const partitionOf = (source: string) => (isService(source) ? source : `node:${source}`);

async function bring(appending: Appending, { sequence: _, source, at, ...rest }: OlderRow): Promise<void> {
  const record = { kind: 'audit' as const, at: new Date(at).toISOString(), ...rest };
  await appending.append({ partition: partitionOf(source), record });
}

function letterOf(row: OlderRow, reason: unknown): DeadLetter {
  return {
    ...{ stream: 'AUDIT', subject: `audit_records of ${row.source}`, streamSequence: Number(row.sequence) },
    payload: Buffer.from(JSON.stringify(row)),
    reason: reason instanceof Error ? reason.message : String(reason),
  };
}

/** @returns how many were looked at. @throws OverseerError `unavailable`; what was brought by then stays */
export async function bringOlder({ database, appending, deadLetter, now }: Parts): Promise<number> {
  if (await database.read((em) => isRecorded(em, OWN_PARTITION, BROUGHT))) return 0;
  let [seen, given, last] = [0, 0, 0];
  for (;;) {
    const page = await database.read((em) => olderRows(em, last, PAGE));
    // In one transaction, in this order, unless one of them can't be kept.
    const outcomes = await Promise.allSettled(page.map((row) => bring(appending, row)));
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') continue;
      const { reason } = outcome;
      if (reason instanceof OverseerError && reason.code === 'unavailable') throw reason;
      await deadLetter(letterOf(page[index] as OlderRow, reason));
      given += 1;
    }
    seen += page.length;
    last = Number(page.at(-1)?.sequence ?? last);
    if (page.length < PAGE) break;
  }
  const told = { upTo: last, brought: seen - given, deadLetters: given };
  const record = broughtRecord(told, newId(), now().toISOString());
  await appending.append({ partition: OWN_PARTITION, record });
  return seen;
}
