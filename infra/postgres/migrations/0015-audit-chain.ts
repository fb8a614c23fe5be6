// The chains of the audit and its checkpoints. Records of before stay where they are; the audit service brings them into
// chains when it starts, by the way that all records go. Where this server lets us, the tables belong to a role nobody
// can log in as, and the audit service works as one that may read them and call three functions. Against whoever has the
// server itself no right and no trigger helps: that is what checkpoints are for.
import { Migration } from '@mikro-orm/migrations';

export class AuditChain extends Migration {
  override up(): void {
    this.addSql(`
      create table audit_chain (
        place bigint generated always as identity,
        partition text collate "C" not null,
        number bigint not null check (number > 0),
        hash bytea not null,
        seal bytea not null,
        body text not null,
        received_at timestamptz not null,
        id text not null,
        action text not null,
        object text not null,
        actor text not null,
        request text not null,
        deployment text,
        primary key (partition, number)
      )`);
    // Within its partition alone: a node must not be able to take the id of a record of the core.
    this.addSql('create unique index audit_chain_id on audit_chain (partition, id)');
    this.addSql('create unique index audit_chain_place on audit_chain (place)');
    for (const column of ['action', 'object', 'actor', 'request', 'deployment']) {
      this.addSql(`create index audit_chain_${column} on audit_chain (${column}, place)`);
    }
    this.addSql(`
      create table audit_checkpoints (
        number bigint primary key check (number > 0), hash text not null, body text not null, signed_by text not null,
        signature text not null
      )`);
    this.addSql(`
      create table audit_sealed_heads (
        checkpoint bigint not null, partition text collate "C" not null, before bigint not null, number bigint not null,
        hash bytea not null, primary key (partition, number)
      )`);
    this.addSql('create index audit_sealed_heads_checkpoint on audit_sealed_heads (checkpoint)');
    for (const table of ['audit_chain', 'audit_checkpoints', 'audit_sealed_heads']) {
      this.addSql(`
        create trigger audit_refuse_change before update or delete on ${table}
        for each row execute function audit_refuse()`);
      this.addSql(`
        create trigger audit_refuse_truncate before truncate on ${table}
        for each statement execute function audit_refuse()`);
      // Also for sessions that play replica, where ordinary triggers stay silent.
      this.addSql(`alter table ${table} enable always trigger audit_refuse_change`);
      this.addSql(`alter table ${table} enable always trigger audit_refuse_truncate`);
    }
    this.addFunctions();
    this.addRoles();
  }

  private addFunctions(): void {
    // One lock for all, held until the transaction ends: so places are given in the order of commits, and who follows them
    // misses none. Writers put many records into one transaction.
    this.addSql(`
      create function audit_heads(partitions text[]) returns table (partition text, number bigint, hash bytea)
      language plpgsql security definer as $$
      declare wanted text;
      begin
        perform pg_advisory_xact_lock(hashtextextended('audit', 0));
        foreach wanted in array partitions loop
          return query select c.partition::text, c.number, c.hash from audit_chain c where c.partition = wanted
            order by c.number desc limit 1;
        end loop;
      end $$`);
    // Who calls it computed number and hash of each record from the head it was given; here both are made again.
    this.addSql(`
      create function audit_append(entries jsonb) returns void language plpgsql security definer as $$
      declare
        entry record;
        last record;
        expected bytea;
      begin
        perform pg_advisory_xact_lock(hashtextextended('audit', 0));
        for entry in
          select e.* from rows from (jsonb_to_recordset(entries) as (
            partition text, number bigint, hash text, seal text, body text, received_at timestamptz, id text,
            action text, object text, actor text, request text, deployment text)) with ordinality as e
          order by e.ordinality
        loop
          select c.number, c.hash into last from audit_chain c where c.partition = entry.partition
            order by c.number desc limit 1;
          expected := sha256('\\x00'::bytea || convert_to(entry.partition, 'UTF8') || '\\x00'::bytea
            || int8send(entry.number) || coalesce(last.hash, decode(repeat('00', 32), 'hex'))
            || convert_to(entry.body, 'UTF8'));
          if entry.number <> coalesce(last.number, 0) + 1 or decode(entry.hash, 'hex') <> expected then
            raise exception 'record % does not follow the last one of %', entry.number, entry.partition
              using errcode = 'serialization_failure';
          end if;
          insert into audit_chain
            (partition, number, hash, seal, body, received_at, id, action, object, actor, request, deployment)
          values (entry.partition, entry.number, expected, decode(entry.seal, 'hex'), entry.body, entry.received_at,
            entry.id, entry.action, entry.object, entry.actor, entry.request, entry.deployment);
        end loop;
        perform pg_notify('audit_appended', '');
      end $$`);
    this.addSql(`
      create function audit_checkpoint(
        number bigint, hash text, body text, signed_by text, signature text, heads jsonb
      ) returns void language plpgsql security definer as $$
      begin
        perform pg_advisory_xact_lock(hashtextextended('audit checkpoints', 0));
        if audit_checkpoint.number <> (select coalesce(max(c.number), 0) + 1 from audit_checkpoints c) then
          raise exception 'checkpoint % does not follow the last one', number using errcode = 'serialization_failure';
        end if;
        insert into audit_checkpoints values (number, hash, body, signed_by, signature);
        insert into audit_sealed_heads (checkpoint, partition, before, number, hash)
          select audit_checkpoint.number, h.partition, h.before, h.number, decode(h.hash, 'hex')
          from jsonb_to_recordset(heads) as h (partition text, before bigint, number bigint, hash text);
      end $$`);
    // Else whoever calls them could have them find other tables under the same names.
    this.addSql(`
      do $$
      declare wanted text;
      begin
        foreach wanted in array array['audit_heads(text[])', 'audit_append(jsonb)',
          'audit_checkpoint(bigint, text, text, text, text, jsonb)'] loop
          execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', wanted, current_schema());
          execute format('revoke all on function %s from public', wanted);
        end loop;
      end $$`);
  }

  /** Roles belong to the whole server, so another database may have made them. */
  private addRoles(): void {
    this.addSql(`
      do $$
      declare wanted text;
      begin
        if not (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) then
          return;
        end if;
        -- Another user's roles of these names may be there, which we must not give to anybody: then there are none for us.
        foreach wanted in array array['overseer_audit_owner', 'overseer_audit_writer'] loop
          begin
            execute format('create role %I nologin', wanted);
          exception when duplicate_object or unique_violation then
            null;
          end;
          execute format('grant %I to current_user', wanted);
          execute format('grant usage on schema %I to %I', current_schema(), wanted);
        end loop;
        execute format('grant create on schema %I to overseer_audit_owner', current_schema());
        foreach wanted in array array['audit_chain', 'audit_checkpoints', 'audit_sealed_heads'] loop
          execute format('alter table %I owner to overseer_audit_owner', wanted);
          execute format('grant select on %I to overseer_audit_writer', wanted);
        end loop;
        foreach wanted in array array['audit_heads(text[])', 'audit_append(jsonb)',
          'audit_checkpoint(bigint, text, text, text, text, jsonb)'] loop
          execute format('grant execute on function %s to overseer_audit_writer', wanted);
          execute format('alter function %s owner to overseer_audit_owner', wanted);
        end loop;
        execute format('revoke create on schema %I from overseer_audit_owner', current_schema());
        grant select on audit_records to overseer_audit_writer;
        grant select, insert on dead_letter to overseer_audit_writer;
      exception when insufficient_privilege then
        null;
      end $$`);
  }
}
