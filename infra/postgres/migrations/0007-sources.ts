// When git sources and registries are to be asked next. A row is taken by moving its time, so two schedulers never ask
// for the same stack at once.
import { Migration } from '@mikro-orm/migrations';

export class Sources extends Migration {
  override up(): void {
    this.addSql(`
      create table source_checks (
        stack text not null,
        kind text not null check (kind in ('git', 'images')),
        every_seconds integer not null,
        due_at timestamptz,
        failures integer not null default 0,
        primary key (stack, kind)
      )`);
    this.addSql('create index source_checks_due on source_checks (kind, due_at) where due_at is not null');
  }
}
