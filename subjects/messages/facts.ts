// What the core publishes after it was stored: facts for placement, live views and third parties.
import { event } from '../define.ts';
import { AuditRecord } from '../schema/audit.ts';
import { CloudEvent } from '../schema/cloud-event.ts';

export const factMessages = {
  nodeFact: event('overseer.event.node.{node}.{fact}', {
    from: ['registry'],
    to: ['scheduler', 'logs', 'gateway', 'reader'],
    schema: CloudEvent,
    stream: 'EVENTS',
    doc: 'Something happened to or on a node, after it was stored; placement, live views and notifications follow it.',
  }),
  deploymentFact: event('overseer.event.deployment.{deployment}.{fact}', {
    from: ['scheduler'],
    to: ['logs', 'gateway', 'reader'],
    schema: CloudEvent,
    stream: 'EVENTS',
    doc: 'A deployment was created, came further or ended; live views and notifications follow it.',
  }),
  auditRecord: event('overseer.audit.{service}', {
    from: ['registry', 'scheduler', 'logs', 'gateway'],
    to: ['audit', 'gateway', 'reader-audit'],
    schema: AuditRecord,
    stream: 'AUDIT',
    doc: 'A state-changing call and its outcome; written before the call is answered.',
  }),
} as const;
