// Container log lines: a row per chunk as it came, and a row per gap, in one order of arrival. What is stored of each node is
// counted beside them, so that nobody has to add up the whole table.
import { Migration } from '@mikro-orm/migrations';

export class Logs extends Migration {
  override up(): void {
    this.addSql(`
      create table log_chunks (
        id bigint generated always as identity primary key,
        node text not null,
        container text not null,
        name text not null,
        stack text not null,
        service text not null,
        deployment text,
        file text,
        first bigint,
        rows bigint,
        lines integer not null,
        from_ns bigint not null,
        to_ns bigint not null,
        text_bytes integer not null,
        data bytea,
        gap jsonb,
        gap_key text,
        expires_at timestamptz,
        received_at timestamptz not null default now(),
        check ((data is null) = (gap is not null)),
        check (from_ns <= to_ns)
      )`);
    // The text is compressed already.
    this.addSql('alter table log_chunks alter column data set storage external');
    // What is removed makes room for what comes, so dead rows are cleared often.
    this.addSql(`
      alter table log_chunks set (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02)`);
    this.addSql('create index log_chunks_rows on log_chunks (node, container, file, first)');
    this.addSql('create index log_chunks_node on log_chunks (node, id)');
    this.addSql('create unique index log_chunks_gap on log_chunks (node, gap_key) where gap_key is not null');
    this.addSql('create index log_chunks_expiry on log_chunks (expires_at) where expires_at is not null');
    // Times of chunks overlap: what holds one moment is found by its range, all else by where it begins or ends.
    this.addSql(`create index log_chunks_span on log_chunks using gist (int8range(from_ns, to_ns, '[]'))`);
    for (const end of ['from_ns', 'to_ns']) {
      this.addSql(`create index log_chunks_${end} on log_chunks (${end}, id)`);
      this.addSql(`create index log_chunks_stack_${end} on log_chunks (stack, ${end}, id)`);
      this.addSql(`create index log_chunks_node_${end} on log_chunks (node, ${end}, id)`);
    }
    this.addSql(`
      create table log_nodes (
        node text primary key,
        chunks bigint not null default 0,
        lines bigint not null default 0,
        bytes bigint not null default 0,
        removed_chunks bigint not null default 0
      )`);
  }
}
