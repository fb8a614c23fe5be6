// The export in parts: all checkpoints, then every record of every partition in order, each with what is needed to check it
// where no core is.

import type * as z from 'zod/mini';
import { NOTHING_BEFORE } from '#infra/audit/chain.ts';
import type { Database, EntityManager } from '#infra/postgres/orm.ts';
import type { ExportAudit, ExportedPart, ExportLine, VerifyCursor } from '#subjects/schema/audit-verification.ts';
import { checkpointsAfter } from './store/checkpoints.ts';
import { lastBefore, partitionAfter, rowsAfter } from './store/rows.ts';

type Input = z.infer<typeof ExportAudit>;
type Part = z.infer<typeof ExportedPart>;

const CHECKPOINTS = 100;
const RECORDS = 1_000;

async function firstRecords(em: EntityManager, after: string | null, from?: string): Promise<VerifyCursor | null> {
  const partition = await partitionAfter(em, after);
  if (partition === null) return null;
  const before = from === undefined ? null : await lastBefore(em, partition, from);
  const { number, hash } = before ?? { number: 0, hash: NOTHING_BEFORE };
  return { phase: 'records', partition, number, hash: hash.toString('hex') };
}

async function checkpoints(em: EntityManager, after: number, from?: string): Promise<Part> {
  const found = await checkpointsAfter(em, after, CHECKPOINTS);
  const lines = found.flatMap(({ signed, heads }): ExportLine[] => {
    // A text that is none is a fault for verification to tell; here its number is missing.
    if (signed === null) return [];
    return [{ type: 'checkpoint', signed, heads: heads.map((head) => ({ ...head, hash: head.hash.toString('hex') })) }];
  });
  const last = found.at(-1);
  return { cursor: last ? { phase: 'checkpoints', number: last.number } : await firstRecords(em, null, from), lines };
}

async function records(
  em: EntityManager,
  at: Extract<VerifyCursor, { phase: 'records' }>,
  { from, to }: Pick<Input, 'from' | 'to'>,
): Promise<Part> {
  const { partition } = at;
  const until = to === undefined ? Number.MAX_SAFE_INTEGER : ((await lastBefore(em, partition, to))?.number ?? 0);
  const wanted = Math.min(RECORDS, Math.max(0, until - at.number));
  const rows = wanted === 0 ? [] : await rowsAfter(em, partition, at.number, wanted);
  let previous = at.hash;
  const lines = rows.map(({ number, hash, body }): ExportLine => {
    const line = { type: 'record', partition, number, previous, hash: hash.toString('hex'), body } as const;
    previous = line.hash;
    return line;
  });
  const last = rows.at(-1);
  const isEnd = last === undefined || rows.length < RECORDS;
  const cursor: VerifyCursor | null = isEnd
    ? await firstRecords(em, partition, from)
    : { phase: 'records', partition, number: last.number, hash: previous };
  return { cursor, lines };
}

export function exportPart(database: Pick<Database, 'read'>, input: Input): Promise<Part> {
  const { cursor, from } = input;
  return database.read((em) => {
    if (cursor === null) return checkpoints(em, 0, from);
    return cursor.phase === 'checkpoints' ? checkpoints(em, cursor.number, from) : records(em, cursor, input);
  });
}
