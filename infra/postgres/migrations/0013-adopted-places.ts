// The place of an adopted stack is of one node: the first that its oldest revision with this place went to, since an
// adoption targets exactly the node that told it. A place that no node is known of is nobody's.
import { Migration } from '@mikro-orm/migrations';

export class AdoptedPlaces extends Migration {
  override up(): void {
    this.addSql(`
      update revisions r set content = jsonb_set(r.content, '{place,node}', coalesce((
        select to_jsonb(t.node) from revisions oldest join deployment_targets t on t.deployment = oldest.deployment
        where oldest.stack = r.stack and oldest.content->'place' = r.content->'place'
        order by oldest.revision, t.node limit 1), '""'))
      where jsonb_typeof(r.content->'place') = 'object'`);
  }
}
