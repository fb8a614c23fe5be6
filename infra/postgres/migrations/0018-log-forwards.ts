// How far the log lines are handed on, by where to.
import { Migration } from '@mikro-orm/migrations';

export class LogForwards extends Migration {
  override up(): void {
    this.addSql(`
      create table log_forwards (
        target text primary key,
        position bigint not null default 0,
        refused bigint not null default 0,
        fault text,
        fault_at timestamptz,
        updated_at timestamptz not null default now()
      )`);
  }
}
