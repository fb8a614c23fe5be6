// Audit records as objects. The database refuses to change or remove them.
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Actor } from '#subjects/schema/actor.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';

export const AuditRow = defineEntity({
  name: 'AuditRow',
  tableName: 'audit_records',
  properties: {
    sequence: p.bigint('number').primary().autoincrement(),
    id: p.string(),
    at: p.datetime(),
    receivedAt: p.datetime(),
    source: p.string(),
    actor: p.json<Actor>(),
    action: p.string(),
    object: p.string(),
    outcome: p.string().$type<AuditRecord['outcome']>(),
    code: p.string().nullable(),
    detail: p.json<AuditRecord['detail']>(),
  },
});
export type AuditRow = InferEntity<typeof AuditRow>;

export const auditEntities = [AuditRow];
