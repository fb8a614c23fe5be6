// Pure. What a record is found by, beside its text. Verification makes them again: a record that was only hidden from a
// search is found out too.
import type { AuditBody, AuditRecord } from '#subjects/schema/audit.ts';
import { ID_PATTERN } from '#subjects/schema/ids.ts';

export type Labels = Readonly<
  Record<'id' | 'action' | 'object' | 'actor' | 'request', string> & { deployment: string | null; receivedAt: string }
>;

/** PostgreSQL has no NUL in a text. */
const clean = (text: string) => text.replaceAll('\u0000', '\ufffd');

export function deploymentOf({ object, detail }: Pick<AuditRecord, 'object' | 'detail'>): string | null {
  const told = detail['deployment'];
  if (typeof told === 'string' && ID_PATTERN.test(told)) return told;
  return /^deployments\/([a-z2-7]{26})$/.exec(object)?.[1] ?? null;
}

const BETWEEN = '\u001f';

/** As one text, to be compared; the database makes the same of its columns. What callers choose freely is last. */
export function labelText({ id, action, request, deployment, receivedAt, actor, object }: Labels): string {
  return [id, action, request, deployment ?? '', receivedAt, actor, object].join(BETWEEN);
}

/** `receivedAt` as milliseconds in decimal, which is how the database tells it fastest. */
export function labelsOf({ record, receivedAt }: AuditBody): Labels {
  return {
    id: record.id,
    action: record.action,
    object: clean(record.object),
    actor: clean(record.actor.id),
    request: record.actor.requestId,
    deployment: deploymentOf(record),
    receivedAt: String(Date.parse(receivedAt)),
  };
}
