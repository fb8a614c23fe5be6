// Nodes, the rights to add one, and which of a node's events were seen.
import { Migration } from '@mikro-orm/migrations';

export class Registry extends Migration {
  override up(): void {
    this.addSql(`
      create table enrollment_tokens (
        id text primary key,
        hash text not null unique,
        name text,
        labels jsonb not null,
        uses integer not null check (uses > 0),
        used integer not null default 0 check (used <= uses),
        created_at timestamptz not null,
        created_by text not null,
        expires_at timestamptz not null,
        revoked_at timestamptz
      )`);
    this.addSql(`
      create table nodes (
        id text primary key,
        name text not null,
        labels jsonb not null,
        heartbeat_seconds integer not null,
        paused boolean not null,
        drained boolean not null,
        public_key text not null,
        age_recipient text not null,
        enrollment_token text not null,
        agent_version text,
        boot_id text,
        nonce text,
        facts jsonb,
        observed_generation bigint,
        liveness text not null,
        liveness_since timestamptz,
        last_seen_at timestamptz,
        created_at timestamptz not null,
        credential_expires_at timestamptz,
        removed_at timestamptz,
        revoked_at timestamptz
      )`);
    // Tombstones keep their names and keys; only living nodes compete for them.
    this.addSql('create unique index nodes_name on nodes (name) where removed_at is null');
    this.addSql('create unique index nodes_public_key on nodes (public_key) where removed_at is null');
    this.addSql('create index nodes_removed on nodes (removed_at) where removed_at is not null');
    this.addSql(`
      create table node_events (
        node text not null,
        epoch text not null,
        sequence bigint not null,
        received_at timestamptz not null,
        primary key (node, epoch, sequence)
      )`);
    this.addSql('create index node_events_received on node_events (received_at)');
    this.addSql(`
      create table node_spools (
        node text not null,
        epoch text not null,
        highest bigint not null,
        primary key (node, epoch)
      )`);
    this.addSql(`
      create table node_gaps (
        node text not null,
        epoch text not null,
        first bigint not null,
        last bigint not null,
        found_at timestamptz not null,
        primary key (node, epoch, first)
      )`);
  }
}
