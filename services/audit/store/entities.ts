// Audit records as objects. Rows are added by the database's own functions, which refuse to change or remove them.
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { DatabaseRole } from '#infra/postgres/role.ts';

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

const mayRead = (table: string) => `has_table_privilege('${table}', 'select')`;

/** That it works as, where the server has it: it may add to the chains and read them. */
export const DATABASE_ROLE: DatabaseRole = {
  name: 'overseer_audit_writer',
  suffices: [
    ...['audit_chain', 'audit_checkpoints', 'audit_sealed_heads', 'audit_records'].map(mayRead),
    `has_table_privilege('dead_letter', 'select') and has_table_privilege('dead_letter', 'insert')`,
    ...['audit_heads(text[])', 'audit_append(jsonb)', 'audit_checkpoint(bigint, text, text, text, text, jsonb)'].map(
      (name) => `has_function_privilege('${name}', 'execute')`,
    ),
  ].join(' and '),
};
