// Audit records as objects. Rows are added by the database's own functions, which refuse to change or remove them.
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export const AuditRow = defineEntity({
  name: 'AuditRow',
  tableName: 'audit_chain',
  properties: {
    partition: p.string().primary(),
    number: p.bigint('number').primary(),
    /** Order of arrival over all partitions. */
    place: p.bigint('number'),
    hash: p.blob(),
    /** Canonical JSON of an AuditBody: the record itself. */
    body: p.text(),
    action: p.string(),
    object: p.string(),
    actor: p.string(),
    request: p.string(),
    deployment: p.string().nullable(),
  },
});
export type AuditRow = InferEntity<typeof AuditRow>;

export const auditEntities = [AuditRow];

/** That it works as, where the server has it: it may add to the chains and read them. */
export const DATABASE_ROLE = 'overseer_audit_writer';
