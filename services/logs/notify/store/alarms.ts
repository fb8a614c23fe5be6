// What each target was told of what, which events were decided on, and names of nodes.
import type { EntityManager } from '#infra/postgres/orm.ts';
import { query } from '#infra/postgres/parameters.ts';
import type { Alarm } from '../alarm.ts';
import type { Signal } from '../signals.ts';

export interface StoredAlarm {
  readonly notification: string;
  readonly alarm: Alarm;
  /** The last one, for the words of what becomes due. */
  readonly signal: Signal;
}

/** Decisions are taken one after the other, by whichever replica. Released with the transaction. */
export async function lockDecisions(em: EntityManager): Promise<void> {
  await query(em, `select pg_advisory_xact_lock(hashtext('overseer.notifications'))`);
}

/** @returns false when this event was decided on before */
export async function isFirstDecision(em: EntityManager, event: string, at: Date): Promise<boolean> {
  const added = await query(
    em,
    'insert into notification_events (event, at) values ($1, $2::timestamptz) on conflict do nothing returning event',
    [event, at.toISOString()],
  );
  return added.length > 0;
}

export async function findAlarm(em: EntityManager, notification: string, key: string): Promise<Alarm | null> {
  const [row] = await query<{ alarm: Alarm }>(
    em,
    'select alarm from notification_alarms where notification = $1 and key = $2',
    [notification, key],
  );
  return row?.alarm ?? null;
}

export async function saveAlarm(
  em: EntityManager,
  { notification, alarm, signal }: StoredAlarm,
  at: Date,
): Promise<void> {
  const dueAt = alarm.dueAt === null ? null : new Date(alarm.dueAt).toISOString();
  await query(
    em,
    `insert into notification_alarms (notification, key, node, alarm, signal, due_at, changed_at)
     values ($1, $2, $3, $4::jsonb, $5::jsonb, $6::timestamptz, $7::timestamptz)
     on conflict (notification, key) do update set alarm = excluded.alarm, signal = excluded.signal,
       due_at = excluded.due_at, changed_at = excluded.changed_at`,
    [notification, signal.key, signal.node, JSON.stringify(alarm), JSON.stringify(signal), dueAt, at.toISOString()],
  );
}

const DUE_MAX = 200;

export interface DueAlarm {
  readonly notification: string;
  readonly key: string;
}

export async function dueAlarms(em: EntityManager, now: Date): Promise<DueAlarm[]> {
  return query<DueAlarm>(
    em,
    `select notification, key from notification_alarms
     where due_at <= $1::timestamptz order by due_at limit ${DUE_MAX}`,
    [now.toISOString()],
  );
}

/** Null when it is due no more. */
export async function dueAlarm(
  em: EntityManager,
  { notification, key }: DueAlarm,
  now: Date,
): Promise<StoredAlarm | null> {
  const [row] = await query<StoredAlarm>(
    em,
    `select notification, alarm, signal from notification_alarms
     where notification = $1 and key = $2 and due_at <= $3::timestamptz`,
    [notification, key, now.toISOString()],
  );
  return row ?? null;
}

/** So many that can't be told, and those behind them would never be reached, unless they made room. */
const PUT_OFF = '5 minutes';

export async function putOff(em: EntityManager, { notification, key }: DueAlarm, now: Date): Promise<void> {
  await query(
    em,
    `update notification_alarms set due_at = $3::timestamptz + interval '${PUT_OFF}' where notification = $1 and key = $2`,
    [notification, key, now.toISOString()],
  );
}

export async function signalsKept(em: EntityManager, notification: string): Promise<Signal[]> {
  const rows = await query<{ signal: Signal }>(em, 'select signal from notification_alarms where notification = $1', [
    notification,
  ]);
  return rows.map(({ signal }) => signal);
}

export async function forgetAlarms(em: EntityManager, notification: string, keys: readonly string[]): Promise<void> {
  await query(em, 'delete from notification_alarms where notification = $1 and key = any($2::text[])', [
    notification,
    keys,
  ]);
}

/** The node is no more: nothing of it turns for the better. */
export async function forgetNode(em: EntityManager, node: string): Promise<void> {
  await query(em, 'delete from notification_alarms where node = $1', [node]);
  await query(em, 'delete from notification_nodes where node = $1', [node]);
}

export async function nameOfNode(em: EntityManager, node: string): Promise<string | null> {
  const [row] = await query<{ name: string }>(em, 'select name from notification_nodes where node = $1', [node]);
  return row?.name ?? null;
}

export async function keepName(em: EntityManager, node: string, name: string): Promise<void> {
  await query(
    em,
    `insert into notification_nodes (node, name) values ($1, $2)
     on conflict (node) do update set name = excluded.name where notification_nodes.name <> excluded.name`,
    [node, name],
  );
}

/** Longer than the stream keeps events, and longer than any rest that is waited for. */
const KEPT = '8 days';
/** Of what was never bad, as most containers: longer than an event is delivered again and again. */
const WELL_KEPT = '1 hour';

export async function forgetOld(em: EntityManager, now: Date): Promise<void> {
  const at = [now.toISOString()];
  await query(em, `delete from notification_events where at < $1::timestamptz - interval '${KEPT}'`, at);
  // What was told as bad stays until it is told as good again, or to be no more.
  await query(
    em,
    `delete from notification_alarms where due_at is null and alarm->>'told' in ('better', 'ended')
       and changed_at < $1::timestamptz - interval '${KEPT}'`,
    at,
  );
  await query(
    em,
    `delete from notification_alarms where due_at is null and alarm->>'told' = 'better' and alarm->'turns' = '[]'::jsonb
       and alarm->>'alertedAt' is null and changed_at < $1::timestamptz - interval '${WELL_KEPT}'`,
    at,
  );
}
