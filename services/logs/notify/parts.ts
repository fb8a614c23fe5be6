// What notifications stand on.
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import type { AddressVault } from './sealed.ts';

export interface NotifyParts {
  readonly bus: Bus;
  readonly database: Database;
  readonly log: Logger;
  readonly vault: AddressVault;
  /** Where the console is; null when nobody said. */
  readonly publicUrl: string | null;
  now(): Date;
  newId(): string;
}
