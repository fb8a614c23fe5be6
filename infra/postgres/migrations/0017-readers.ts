// Third parties that read events or audit records on the bus. A key is used once, ever: a revocation voids all that was
// issued for it before.
import { Migration } from '@mikro-orm/migrations';

export class Readers extends Migration {
  override up(): void {
    this.addSql(`
      create table readers (
        id text primary key,
        name text not null,
        role text not null,
        filters jsonb not null,
        public_key text not null,
        created_at timestamptz not null,
        created_by text not null,
        expires_at timestamptz not null,
        removed_at timestamptz,
        gone_at timestamptz
      )`);
    this.addSql('create unique index readers_public_key on readers (public_key)');
    // A name is free again when nothing of the reader before is left on the server.
    this.addSql('create unique index readers_name on readers (name) where gone_at is null');
  }
}
