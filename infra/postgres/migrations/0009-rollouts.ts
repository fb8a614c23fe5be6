// What the image tags of a revision stood for, so that going back to it brings back the same images; and what was sent
// with a git source.
import { Migration } from '@mikro-orm/migrations';

export class Rollouts extends Migration {
  override up(): void {
    this.addSql(`alter table revisions add column pins jsonb not null default '{}'`);
    this.addSql(`update stacks set settings = settings || '{"given": null}' where not jsonb_exists(settings, 'given')`);
  }
}
