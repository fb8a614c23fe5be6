// Targets of messages in PostgreSQL. Address and secret stand there sealed.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { query } from '#infra/postgres/parameters.ts';
import type {
  Notification,
  NotificationChoice,
  NotificationKind,
  NotificationThresholds,
} from '#subjects/schema/notification.ts';
import { thresholdsOf } from '../choice.ts';

export interface Target {
  readonly name: string;
  readonly kind: NotificationKind;
  readonly sealed: Buffer;
  readonly address: string;
  readonly hasSecret: boolean;
  readonly choice: NotificationChoice;
  readonly thresholds: NotificationThresholds;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

interface Row {
  readonly name: string;
  readonly kind: NotificationKind;
  readonly sealed: Buffer;
  readonly address: string;
  readonly has_secret: boolean;
  readonly choice: NotificationChoice;
  readonly thresholds: NotificationThresholds;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly updated_by: string;
}

interface CountedRow extends Row {
  readonly last_delivered_at: Date | null;
  readonly last_error: string | null;
  readonly pending: string;
  readonly dead: string;
}

function targetOf(row: Row): Target {
  const { name, kind, sealed, address, choice, thresholds } = row;
  return {
    ...{ name, kind, sealed, address, choice, thresholds, hasSecret: row.has_secret },
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    updatedBy: row.updated_by,
  };
}

export async function targets(em: EntityManager): Promise<Target[]> {
  return (await query<Row>(em, 'select * from notifications order by name')).map(targetOf);
}

/** Nobody else changes it before the transaction ends. */
export async function lockTarget(em: EntityManager, name: string): Promise<Target | null> {
  const [row] = await query<Row>(em, 'select * from notifications where name = $1 for update', [name]);
  return row ? targetOf(row) : null;
}

export async function findTarget(em: EntityManager, name: string): Promise<Target | null> {
  const [row] = await query<Row>(em, 'select * from notifications where name = $1', [name]);
  return row ? targetOf(row) : null;
}

export async function putTarget(em: EntityManager, target: Target): Promise<void> {
  const { name, kind, sealed, address, hasSecret, choice, thresholds, createdAt, updatedAt, updatedBy } = target;
  await query(
    em,
    `insert into notifications
       (name, kind, sealed, address, has_secret, choice, thresholds, created_at, updated_at, updated_by)
     values ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8::timestamptz, $9::timestamptz, $10)
     on conflict (name) do update set kind = excluded.kind, sealed = excluded.sealed, address = excluded.address,
       has_secret = excluded.has_secret, choice = excluded.choice, thresholds = excluded.thresholds,
       updated_at = excluded.updated_at, updated_by = excluded.updated_by, last_error = null`,
    [
      ...[name, kind, sealed, address, hasSecret, JSON.stringify(choice), JSON.stringify(thresholds)],
      ...[createdAt.toISOString(), updatedAt.toISOString(), updatedBy],
    ],
  );
}

/** With its alarms and what is owed to it. @returns false when there was none */
export async function removeTarget(em: EntityManager, name: string): Promise<boolean> {
  const removed = await query(em, 'delete from notifications where name = $1 returning name', [name]);
  return removed.length > 0;
}

/** As others see them. */
export async function notificationViews(em: EntityManager, name: string | null = null): Promise<Notification[]> {
  const rows = await query<CountedRow>(
    em,
    `select n.*,
       (select count(*) from notification_deliveries d where d.notification = n.name and d.state = 'pending') as pending,
       (select count(*) from notification_deliveries d where d.notification = n.name and d.state = 'dead') as dead
     from notifications n where $1::text is null or n.name = $1::text order by n.name`,
    [name],
  );
  return rows.map((row) => {
    const { kind, address, choice, updatedBy, hasSecret, ...target } = targetOf(row);
    return {
      ...{ name: target.name, kind, address, hasSecret, choice, updatedBy },
      thresholds: thresholdsOf(target.thresholds),
      createdAt: target.createdAt.toISOString(),
      updatedAt: target.updatedAt.toISOString(),
      pending: Number(row.pending),
      dead: Number(row.dead),
      lastDeliveredAt: row.last_delivered_at ? new Date(row.last_delivered_at).toISOString() : null,
      lastError: row.last_error,
    };
  });
}
