// Audit records of a service: an outbox row in the transaction of the change they tell of, so that there is none without
// the other.
import { newId } from '#infra/ids.ts';
import type { Service } from '#subjects/principals.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';
import type { EntityManager } from './orm.ts';
import { enqueue } from './outbox.ts';

export interface Auditable {
  readonly actor: AuditRecord['actor'];
  readonly action: string;
  readonly object: string;
  readonly outcome: AuditRecord['outcome'];
  /** Error code, when refused. */
  readonly code?: string | null;
  readonly detail: AuditRecord['detail'];
}

type Auditor = Exclude<Service, 'audit'>;

export async function record(em: EntityManager, service: Auditor, what: Auditable, at = new Date()): Promise<void> {
  const { actor, action, object, outcome, code = null, detail } = what;
  const body: AuditRecord = {
    kind: 'audit',
    id: newId(),
    at: at.toISOString(),
    actor,
    action,
    object,
    outcome,
    code,
    detail,
  };
  await enqueue(em, { service, message: 'auditRecord', parameters: { service }, body });
}
