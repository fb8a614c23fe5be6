// Bodies of messages for the bus tests, and how a refusal is recognised.
import { newId } from '#infra/ids.ts';
import type { BodyOf } from '#infra/nats/bus.ts';
import { type ErrorCode, OverseerError } from '#subjects/errors.ts';

export const fails = (code: ErrorCode) => (error: unknown) => error instanceof OverseerError && error.code === code;

export const by = { kind: 'operator', id: 'test', requestId: newId() } as const;

export function fact(node: string): BodyOf<'nodeFact'> {
  return {
    specversion: '1.0',
    id: newId(),
    type: 'dev.overseer.node.online.v1',
    source: 'overseer',
    subject: `nodes/${node}`,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {},
  };
}

export function event(): BodyOf<'nodeEvent'> {
  const at = new Date().toISOString();
  return { kind: 'event', at, bootId: newId(), body: { type: 'agent.started', version: '1' } };
}

export function auditRecord(): BodyOf<'auditRecord'> {
  const at = new Date().toISOString();
  const what = { action: 'node.test', object: 'nodes/x', outcome: 'accepted', code: null, detail: {} } as const;
  return { kind: 'audit', id: newId(), at, actor: by, ...what };
}
