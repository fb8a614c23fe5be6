// Credentials in a stranger's hands: is this one taken by the server, and what does the store hold.
import { readFileSync } from 'node:fs';
import { createLogger } from '#infra/logger.ts';
import type { Bus, StoredState } from '#infra/nats/bus.ts';
import { connectBus } from '#infra/nats/connect.ts';
import { type CredentialSource, credentialOf, loadCredential } from '#infra/nats/credentials.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { System } from './system.ts';

export interface NodeCredential {
  readonly node: string;
  readonly credential: CredentialSource;
}

function connect(
  system: System,
  principal: 'node' | 'scheduler',
  name: string,
  credential: CredentialSource,
): Promise<Bus> {
  return connectBus({
    principal,
    name,
    servers: [`127.0.0.1:${system.natsPort}`],
    ca: readFileSync(`${system.data}/nats/ca.crt`, 'utf8'),
    credential,
    log: createLogger('test', 'silent'),
  });
}

/** A copy, as a thief would take it: what comes later does not change it. */
export function loadNodeCredential(agentData: string): NodeCredential {
  const node = JSON.parse(readFileSync(`${agentData}/node.json`, 'utf8'));
  const identity = JSON.parse(readFileSync(`${agentData}/identity.json`, 'utf8'));
  return { node: node.id, credential: credentialOf(node.credential.jwt, identity.nkeySeed) };
}

export async function tryCredential(
  system: System,
  { node, credential }: NodeCredential,
): Promise<'accepted' | 'refused'> {
  try {
    const bus = await connect(system, 'node', node, credential);
    await bus.close();
    return 'accepted';
  } catch (error) {
    if (error instanceof OverseerError && error.code === 'unauthorized') return 'refused';
    throw error;
  }
}

/** The scheduler's rights on the bus, without its signing key. */
export function asScheduler(system: System): Promise<Bus> {
  return connect(system, 'scheduler', 'scheduler', loadCredential(`${system.data}/nats/creds/scheduler.json`));
}

/** The node's document as the stream holds it. */
export async function storedDocument(system: System, node: string): Promise<StoredState | null> {
  const bus = await asScheduler(system);
  try {
    return await bus.read('desired', { node });
  } finally {
    await bus.close();
  }
}
