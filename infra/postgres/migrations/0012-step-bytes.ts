// What each kept event of a step weighs, so that what is kept of a node, and a page of many nodes, is bounded by bytes
// without being opened.
import { Migration } from '@mikro-orm/migrations';

export class StepBytes extends Migration {
  override up(): void {
    this.addSql('alter table deployment_step_events add column bytes integer not null default 0');
    this.addSql(`
      update deployment_step_events set bytes = octet_length(told::text) +
        case when kind = 'output' then 0 else octet_length(step) + 200 end`);
  }
}
