// Pure. Pages of audit records: newest first; the cursor is the place of the last record shown.

import type * as z from 'zod/mini';
import { OverseerError } from '#subjects/errors.ts';
import type { AuditBody, AuditList, StoredAuditRecord } from '#subjects/schema/audit.ts';
import type { AuditRow } from './store/entities.ts';

export const PAGE = 100;

/** @throws OverseerError `invalid-input` */
export function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new OverseerError('invalid-input', 'the cursor does not come from here', { fields: { path: 'cursor' } });
}

export function recordView(row: Pick<AuditRow, 'partition' | 'number' | 'place' | 'hash' | 'body'>): StoredAuditRecord {
  const { record, receivedAt, fault } = JSON.parse(row.body) as AuditBody;
  const { partition, number, place: sequence } = row;
  const hash = Buffer.from(row.hash).toString('hex');
  const source = partition.replace(/^node:/, '');
  return { ...record, sequence, source, receivedAt, partition, number, hash, fault: fault ?? null };
}

/** @param found one more than `limit` when there are more */
export function pageOf(found: readonly AuditRow[], limit: number): z.infer<typeof AuditList> {
  const items = found.slice(0, limit).map(recordView);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last ? String(last.sequence) : null };
}
