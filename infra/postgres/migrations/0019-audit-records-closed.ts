// The table of before there were chains takes no more records: what was put there would be brought into the chains, and
// sealed, as if it had always been there.
import { Migration } from '@mikro-orm/migrations';

export class AuditRecordsClosed extends Migration {
  override up(): void {
    this.addSql(`
      create trigger audit_refuse_insert before insert on audit_records
      for each row execute function audit_refuse()`);
    // Also for sessions that play replica, where ordinary triggers stay silent.
    this.addSql('alter table audit_records enable always trigger audit_refuse_insert');
  }
}
