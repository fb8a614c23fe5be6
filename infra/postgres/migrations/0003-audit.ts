// Audit records. They are added and read; the database itself refuses everything else, to the owner too.
import { Migration } from '@mikro-orm/migrations';

export class Audit extends Migration {
  override up(): void {
    this.addSql(`
      create table audit_records (
        sequence bigint generated always as identity primary key,
        id text not null unique,
        at timestamptz not null,
        received_at timestamptz not null default now(),
        source text not null,
        actor jsonb not null,
        action text not null,
        object text not null,
        outcome text not null check (outcome in ('accepted', 'refused')),
        code text,
        detail jsonb not null
      )`);
    this.addSql('create index audit_records_action on audit_records (action, sequence)');
    this.addSql('create index audit_records_object on audit_records (object, sequence)');
    this.addSql(`
      create function audit_refuse() returns trigger language plpgsql as $$
      begin
        raise exception 'audit records are only ever added' using errcode = 'insufficient_privilege';
      end $$`);
    this.addSql(`
      create trigger audit_refuse_change before update or delete on audit_records
      for each row execute function audit_refuse()`);
    this.addSql(`
      create trigger audit_refuse_truncate before truncate on audit_records
      for each statement execute function audit_refuse()`);
    // Also for sessions that play replica, where ordinary triggers stay silent.
    this.addSql('alter table audit_records enable always trigger audit_refuse_change');
    this.addSql('alter table audit_records enable always trigger audit_refuse_truncate');
  }
}
