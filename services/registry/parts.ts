// What the registry's handlers stand on.
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import type { ReaderDurable } from '#infra/nats/readers.ts';
import { type Auditable, record } from '#infra/postgres/audit.ts';
import type { Database, EntityManager } from '#infra/postgres/orm.ts';
import { enqueue } from '#infra/postgres/outbox.ts';
import type { Authority } from './authority.ts';
import type { Fact } from './node-facts.ts';
import type { Revoker } from './revoker.ts';
import type { LivenessWatch } from './watch.ts';

/** Durables of readers on the server. */
export interface ReaderDurables {
  make(durable: ReaderDurable & { readonly subjects: readonly string[] }): Promise<void>;
  remove(durable: ReaderDurable): Promise<void>;
}

export interface RegistryParts {
  readonly bus: Bus;
  readonly database: Database;
  readonly authority: Authority;
  readonly watch: LivenessWatch;
  readonly revoker: Revoker;
  readonly durables: ReaderDurables;
  readonly log: Logger;
  now(): Date;
  newId(): string;
}

/** In the caller's transaction, like the change it tells of. */
export function tell(em: EntityManager, { node, fact, event }: Fact): Promise<void> {
  return enqueue(em, { service: 'registry', message: 'nodeFact', parameters: { node, fact }, body: event });
}

export function audit(em: EntityManager, what: Omit<Auditable, 'outcome'>, at: Date): Promise<void> {
  return record(em, 'registry', { ...what, outcome: 'accepted' }, at);
}
