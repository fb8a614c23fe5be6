// Pure. Pages of audit records: newest first; the cursor is the sequence of the last record shown.

import type * as z from 'zod/mini';
import { OverseerError } from '#subjects/errors.ts';
import type { AuditList, StoredAuditRecord } from '#subjects/schema/audit.ts';
import type { AuditRow } from './store/entities.ts';

export const PAGE = 100;

/** @throws OverseerError `invalid-input` */
export function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new OverseerError('invalid-input', 'the cursor does not come from here', { fields: { path: 'cursor' } });
}

export function recordView(row: AuditRow): z.infer<typeof StoredAuditRecord> {
  const { sequence, source, id, actor, action, object, outcome, detail } = row;
  const code = row.code ?? null;
  return {
    kind: 'audit',
    ...{ sequence, source, id, actor, action, object, outcome, code, detail },
    at: row.at.toISOString(),
  };
}

/** @param found one more than `limit` when there are more */
export function pageOf(found: readonly AuditRow[], limit: number): z.infer<typeof AuditList> {
  const items = found.slice(0, limit).map(recordView);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last ? String(last.sequence) : null };
}
