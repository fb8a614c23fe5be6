// How stacks get to their nodes: batches, what names stood for, drift, and where a stack comes from.
import { Migration } from '@mikro-orm/migrations';

const PRESENT_SETTINGS = JSON.stringify({
  rollout: { batch: null, maxUnavailable: null, pauseSeconds: 0, gate: 'healthy' },
  dependsOn: [],
  images: null,
  source: null,
});
const NOTHING_RESOLVED = JSON.stringify({ pins: {}, secrets: {} });

export class Stacks extends Migration {
  override up(): void {
    this.addSql(`
      alter table stacks
        add column stopped_hash text not null default '',
        add column settings jsonb not null default '${PRESENT_SETTINGS}',
        add column resolution jsonb not null default '${NOTHING_RESOLVED}',
        add column stopped_nodes jsonb not null default '[]',
        add column source_state jsonb,
        add column image_state jsonb not null default '[]'`);
    this.addSql('alter table revisions add column commit text');
    this.addSql('alter table deployments drop constraint deployments_kind_check');
    this.addSql(`
      alter table deployments
        add constraint deployments_kind_check check (kind in ('apply', 'remove', 'restart', 'pull')),
        add column paused_until timestamptz,
        add column approved_batch integer not null default 0,
        add column cancelled boolean not null default false`);
    this.addSql(`
      alter table deployment_targets
        add column batch integer not null default 1,
        add column failure jsonb`);
    this.addSql(`create index deployment_targets_held on deployment_targets (deployment) where state = 'held'`);
    this.addSql(`alter table assignments add column resolution jsonb not null default '${NOTHING_RESOLVED}'`);
    this.addSql(`alter table nodes add column prune_images text not null default 'off'`);
    this.addSql('alter table placed_nodes add column age_recipient text');
    this.addSql(`alter table observed_stacks add column drift jsonb not null default '[]'`);
  }
}
