// A connection that checks nothing before it sends: what a broken or hostile agent would use.
import { type NatsConnection, headers as newHeaders } from '@nats-io/transport-node';
import { openConnection } from '#infra/nats/connection.ts';
import type { Enrolled } from './applicant.ts';

/** Logged in as that node. */
export function connectRaw({ node, servers, ca, credential }: Enrolled): Promise<NatsConnection> {
  return openConnection({ principal: 'node', name: node, servers, ca, credential });
}

export function headersOf(fields: Readonly<Record<string, string>>) {
  const headers = newHeaders();
  for (const [name, value] of Object.entries(fields)) headers.set(name, value);
  return headers;
}
