// What every service is asked about itself, and the audit service about its records.
import * as z from 'zod/mini';
import { request } from '../define.ts';
import { AuditList, FollowAudit, FollowedAudit, ListAudit } from '../schema/audit.ts';
import { AuditSummary, ExportAudit, ExportedPart, VerifiedPart, VerifyAudit } from '../schema/audit-verification.ts';
import { Witness } from '../schema/checkpoint.ts';
import { Id } from '../schema/ids.ts';
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
  followAudit: request('overseer.int.audit.follow', {
    from: ['gateway'],
    to: 'audit',
    input: FollowAudit,
    output: FollowedAudit,
    audited: false,
    doc: 'Audit records after a place, in the order they came; waits a while for the next. Lost: asked again.',
  }),
  verifyAudit: request('overseer.int.audit.verify', {
    from: ['gateway'],
    to: 'audit',
    input: VerifyAudit,
    output: VerifiedPart,
    audited: false,
    doc: 'Verifies one part of the audit, and says where the next begins. Lost: asked again.',
  }),
  exportAudit: request('overseer.int.audit.export', {
    from: ['gateway'],
    to: 'audit',
    input: ExportAudit,
    output: ExportedPart,
    audited: false,
    doc: 'One part of the audit with all that is needed to check it elsewhere, and where the next begins.',
  }),
  summarizeAudit: request('overseer.int.audit.summary', {
    from: ['gateway'],
    to: 'audit',
    input: Nothing,
    output: AuditSummary,
    audited: false,
    doc: 'How much the audit holds, and its newest checkpoint.',
  }),
  askWitness: request('overseer.int.scheduler.witness', {
    from: ['gateway'],
    to: 'scheduler',
    input: z.strictObject({ node: Id }),
    output: Witness,
    audited: false,
    doc: 'The scheduler signs the question which checkpoints a node holds, and hands on its answer.',
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
