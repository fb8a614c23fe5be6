// Secrets: their versions as age files for the core's recipients, and what was sealed for single nodes. No plaintext.
import { Migration } from '@mikro-orm/migrations';

export class Secrets extends Migration {
  override up(): void {
    this.addSql(`
      create table secrets (
        name text primary key,
        version integer not null,
        description text,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        updated_by text not null
      )`);
    this.addSql(`
      create table secret_versions (
        name text not null,
        version integer not null,
        sealed bytea not null,
        primary key (name, version)
      )`);
    this.addSql(`
      create table node_secrets (
        name text not null,
        version integer not null,
        node text not null,
        stack text not null,
        sealed bytea not null,
        digest text not null,
        primary key (name, version, node, stack)
      )`);
    this.addSql('create index node_secrets_of_node on node_secrets (node)');
  }
}
