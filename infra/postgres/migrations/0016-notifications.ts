// Where messages go, what each target was told of what, and what is owed to it.
import { Migration } from '@mikro-orm/migrations';

export class Notifications extends Migration {
  override up(): void {
    this.addSql(`
      create table notifications (
        name text primary key,
        kind text not null,
        sealed bytea not null,
        address text not null,
        has_secret boolean not null,
        choice jsonb not null,
        thresholds jsonb not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        updated_by text not null,
        last_delivered_at timestamptz,
        last_error text
      )`);
    this.addSql(`
      create table notification_alarms (
        notification text not null references notifications (name) on delete cascade,
        key text not null,
        node text,
        alarm jsonb not null,
        signal jsonb not null,
        due_at timestamptz,
        changed_at timestamptz not null,
        primary key (notification, key)
      )`);
    this.addSql('create index notification_alarms_due on notification_alarms (due_at) where due_at is not null');
    this.addSql(`
      create table notification_deliveries (
        sequence bigint generated always as identity primary key,
        id text not null unique,
        notification text not null references notifications (name) on delete cascade,
        message jsonb not null,
        state text not null,
        created_at timestamptz not null,
        first_try_at timestamptz,
        attempts integer not null default 0,
        next_try_at timestamptz,
        leased_until timestamptz,
        last_status integer,
        last_error text,
        delivered_at timestamptz
      )`);
    this.addSql(`
      create index notification_deliveries_due on notification_deliveries (notification, next_try_at)
      where state = 'pending'`);
    this.addSql('create index notification_deliveries_of on notification_deliveries (notification, sequence desc)');
    // Events that were decided on: one that is delivered again decides nothing.
    this.addSql('create table notification_events (event text primary key, at timestamptz not null)');
    this.addSql('create index notification_events_at on notification_events (at)');
    this.addSql('create table notification_nodes (node text primary key, name text not null)');
  }
}
