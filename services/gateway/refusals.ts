// The audit of calls that were refused. Those that succeed are recorded by the service that did the work, in its own
// transaction; of the others only the gateway knows.
import type { FastifyRequest } from 'fastify';
import { newId } from '#infra/ids.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { ERROR_CODES, OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';
import { changesState } from './access/authenticate.ts';

const OBJECT_MAX = 200;

/** A refused name is anything: control characters are written out, and it is cut. */
export function printable(text: string): string {
  const written = text
    .toWellFormed()
    .replace(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return written.slice(0, OBJECT_MAX).toWellFormed();
}

export async function keepRecord(
  bus: Bus,
  record: Pick<AuditRecord, 'actor' | 'action' | 'object' | 'outcome' | 'code' | 'detail'>,
): Promise<void> {
  try {
    const body: AuditRecord = { kind: 'audit', id: newId(), at: new Date().toISOString(), ...record };
    await bus.emit('auditRecord', { service: 'gateway' }, body);
  } catch (error) {
    throw new OverseerError('unavailable', 'the audit record of this call can not be kept', { cause: error });
  }
}

/** That something secret was handed out, which changes nothing and is worth a record all the same. */
export function keepGiven(
  bus: Bus,
  actor: Actor,
  action: string,
  object: string,
  detail: AuditRecord['detail'] = {},
): Promise<void> {
  return keepRecord(bus, { actor, action, object, outcome: 'accepted', code: null, detail });
}

/** The answer to a failed call: the refusal itself, or `unavailable` when its record can't be kept. */
export async function recorded(bus: Bus, request: FastifyRequest, refusal: OverseerError): Promise<OverseerError> {
  const audited = request.routeOptions.config?.audit;
  const actor: Actor | null = request.actor;
  if (audited === undefined || actor === null || !changesState(request)) return refusal;
  const params = (request.params ?? {}) as Record<string, string>;
  try {
    await keepRecord(bus, {
      actor,
      action: audited.action,
      object: printable(audited.object(params)),
      outcome: 'refused',
      code: refusal.code,
      detail: { status: ERROR_CODES[refusal.code].status },
    });
    return refusal;
  } catch (error) {
    request.log.error({ err: error, refusal: refusal.code }, 'the record of a refused call was not kept');
    return error as OverseerError;
  }
}
