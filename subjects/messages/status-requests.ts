// What every service is asked about itself, and the audit service about its records.
import { request } from '../define.ts';
import { AuditList, ListAudit } from '../schema/audit.ts';
import { Nothing, ServiceStatus } from '../schema/service-status.ts';

export const statusRequests = {
  listAudit: request('overseer.int.audit.list', {
    from: ['gateway'],
    to: 'audit',
    input: ListAudit,
    output: AuditList,
    audited: false,
    doc: 'Audit records, newest first.',
  }),
  registryStatus: request('overseer.int.registry.status', {
    from: ['gateway'],
    to: 'registry',
    input: Nothing,
    output: ServiceStatus,
    audited: false,
    doc: 'Is the registry there, and what does it count.',
  }),
  schedulerStatus: request('overseer.int.scheduler.status', {
    from: ['gateway'],
    to: 'scheduler',
    input: Nothing,
    output: ServiceStatus,
    audited: false,
    doc: 'Is the scheduler there, and what does it count.',
  }),
  logsStatus: request('overseer.int.logs.status', {
    from: ['gateway'],
    to: 'logs',
    input: Nothing,
    output: ServiceStatus,
    audited: false,
    doc: 'Is the logs service there, and what does it count.',
  }),
  auditStatus: request('overseer.int.audit.status', {
    from: ['gateway'],
    to: 'audit',
    input: Nothing,
    output: ServiceStatus,
    audited: false,
    doc: 'Is the audit service there, and what does it count.',
  }),
} as const;
