// Messages that are owed to targets, and what became of each. Whoever sends one holds it for a while; when he is killed
// meanwhile, it is due again, under the same id.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { query } from '#infra/postgres/parameters.ts';
import type { NotificationDelivery } from '#subjects/schema/notification.ts';
import type { Message } from '../words.ts';

/** Longer than a try may take. */
const LEASE = '60 seconds';

export interface OwedMessage {
  readonly id: string;
  readonly notification: string;
  readonly message: Message;
  readonly attempts: number;
  readonly firstTryAt: Date | null;
}

export async function addDelivery(
  em: EntityManager,
  { id, notification, message }: Pick<OwedMessage, 'id' | 'notification' | 'message'>,
  at: Date,
): Promise<void> {
  await query(
    em,
    `insert into notification_deliveries (id, notification, message, state, created_at, next_try_at)
     values ($1, $2, $3::jsonb, 'pending', $4::timestamptz, $5::timestamptz)`,
    [id, notification, JSON.stringify(message), at.toISOString(), at.toISOString()],
  );
}

const due = (at: string) =>
  `state = 'pending' and next_try_at <= ${at}::timestamptz and (leased_until is null or leased_until < ${at}::timestamptz)`;

export async function targetsWithDue(em: EntityManager, now: Date): Promise<string[]> {
  const at = now.toISOString();
  const rows = await query<{ notification: string }>(
    em,
    `select distinct notification from notification_deliveries where ${due('$1')}`,
    [at],
  );
  return rows.map(({ notification }) => notification);
}

/** Those that are due longest, held for the caller. */
export async function claim(em: EntityManager, notification: string, limit: number, now: Date): Promise<OwedMessage[]> {
  const at = now.toISOString();
  const rows = await query<Omit<OwedMessage, 'firstTryAt'> & { first_try_at: Date | null }>(
    em,
    `update notification_deliveries set leased_until = $1::timestamptz + interval '${LEASE}'
     where sequence in (
       select sequence from notification_deliveries where notification = $2 and ${due('$1')}
       order by next_try_at, sequence limit $3 for update skip locked)
     returning id, notification, message, attempts, first_try_at`,
    [at, notification, limit],
  );
  return rows.map(({ first_try_at: first, ...row }) => ({ ...row, firstTryAt: first ? new Date(first) : null }));
}

export interface Outcome {
  readonly status: number | null;
  /** Null: it was taken. */
  readonly error: string | null;
}

export async function settle(
  em: EntityManager,
  owed: OwedMessage,
  { status, error }: Outcome,
  { now, nextTryAt }: { readonly now: Date; readonly nextTryAt: Date | null },
): Promise<void> {
  const state = error === null ? 'delivered' : nextTryAt === null ? 'dead' : 'pending';
  const at = now.toISOString();
  await query(
    em,
    `update notification_deliveries set state = $1::text, attempts = attempts + 1, last_status = $2, last_error = $3,
       first_try_at = coalesce(first_try_at, $4::timestamptz), next_try_at = $5::timestamptz, leased_until = null,
       delivered_at = case when $1::text = 'delivered' then $4::timestamptz end
     where id = $6`,
    [state, status, error, at, nextTryAt?.toISOString() ?? null, owed.id],
  );
  await query(
    em,
    `update notifications set last_error = $1::text,
       last_delivered_at = case when $1::text is null then $2::timestamptz else last_delivered_at end
     where name = $3`,
    [error, at, owed.notification],
  );
}

/** What waits for the target and nobody holds. */
export async function putOff(em: EntityManager, notification: string, until: Date): Promise<void> {
  const at = until.toISOString();
  await query(
    em,
    `update notification_deliveries set next_try_at = $2::timestamptz
     where sequence in (
       select sequence from notification_deliveries
       where notification = $1 and state = 'pending' and next_try_at < $2::timestamptz and leased_until is null
       order by sequence for update skip locked)`,
    [notification, at],
  );
}

/** @returns false when there is no such message that waits or was given up */
export async function takeUpAgain(em: EntityManager, notification: string, id: string, now: Date): Promise<boolean> {
  const found = await query(
    em,
    `update notification_deliveries set state = 'pending', attempts = 0, first_try_at = null, next_try_at = $1::timestamptz
     where id = $2 and notification = $3 and state <> 'delivered' returning id`,
    [now.toISOString(), id, notification],
  );
  return found.length > 0;
}

interface Row {
  readonly sequence: string;
  readonly id: string;
  readonly notification: string;
  readonly message: Message;
  readonly state: NotificationDelivery['state'];
  readonly created_at: Date;
  readonly attempts: number;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly next_try_at: Date | null;
  readonly delivered_at: Date | null;
}

const text = (time: Date | null) => (time ? new Date(time).toISOString() : null);

export interface DeliveryRow {
  readonly sequence: string;
  readonly view: NotificationDelivery;
}

/** Newest first. `before`: sequence of the last of the page before. */
export async function deliveries(
  em: EntityManager,
  notification: string,
  { state, before, limit }: { readonly state: string | null; readonly before: number | null; readonly limit: number },
): Promise<DeliveryRow[]> {
  const rows = await query<Row>(
    em,
    `select * from notification_deliveries where notification = $1 and ($2::text is null or state = $2::text)
       and ($3::bigint is null or sequence < $3::bigint) order by sequence desc limit $4`,
    [notification, state, before, limit],
  );
  return rows.map((row) => ({
    sequence: String(row.sequence),
    view: {
      ...{ id: row.id, notification, state: row.state, attempts: row.attempts },
      condition: row.message.condition,
      severity: row.message.severity,
      title: row.message.title,
      text: row.message.text,
      createdAt: new Date(row.created_at).toISOString(),
      lastStatus: row.last_status,
      lastError: row.last_error,
      nextTryAt: text(row.next_try_at),
      deliveredAt: text(row.delivered_at),
    },
  }));
}

export async function forgetDeliveries(em: EntityManager, now: Date): Promise<void> {
  await query(
    em,
    `delete from notification_deliveries where
       (state = 'delivered' and created_at < $1::timestamptz - interval '7 days') or
       (state = 'dead' and created_at < $2::timestamptz - interval '30 days')`,
    [now.toISOString(), now.toISOString()],
  );
}
