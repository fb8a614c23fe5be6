// What a rollout looks at every second, found without opening every report: nodes whose engine does not answer. And where in
// a node's own order a deployment ended there, so that what belongs to it is told from what came later.
import { Migration } from '@mikro-orm/migrations';

export class Presence extends Migration {
  override up(): void {
    this.addSql(`
      create index node_reports_engine_silent on node_reports (node)
      where report->'conditions' @> '[{"type": "docker-unresponsive"}]'`);
    this.addSql('alter table deployment_targets add column settled_position text');
  }
}
