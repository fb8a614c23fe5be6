// The agent's own audit in its database: a chain signed by the node's key, kept until the core has each record. Written in
// the transaction of what it tells of, where there is one.
import type { DatabaseSync } from 'node:sqlite';
import { type ChainKey, chained, firstHead, type NodeHead } from '#infra/audit/node-chain.ts';
import { type AuditRecord, NodeAudit } from '#subjects/schema/audit.ts';
import type { AuditTrail, SpooledRecord } from './store.ts';
import { together } from './transaction.ts';

export const AUDIT_TABLES = `
  CREATE TABLE IF NOT EXISTS audit_spool (sequence INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS audit_head (
    only INTEGER PRIMARY KEY CHECK (only = 1), sequence INTEGER NOT NULL, hash TEXT NOT NULL
  ) STRICT`;

/** Years of an ordinary node, about 50 MB. Beyond it the oldest go; the core finds the hole and says so. */
const MOST_KEPT = 50_000;

export interface AuditIdentity {
  readonly node: string;
  readonly key: ChainKey;
}

/** @param onUnreadable a row that is none any more: a damaged disk */
export function diskTrail(
  database: DatabaseSync,
  epoch: string,
  { node, key }: AuditIdentity,
  onUnreadable: (sequence: number) => void,
): AuditTrail {
  const readHead = database.prepare('SELECT sequence, hash FROM audit_head');
  const writeHead = database.prepare('INSERT OR REPLACE INTO audit_head (only, sequence, hash) VALUES (1, ?, ?)');
  const insert = database.prepare('INSERT INTO audit_spool (sequence, entry) VALUES (?, ?)');
  const first = database.prepare('SELECT sequence, entry FROM audit_spool ORDER BY sequence LIMIT 1');
  const remove = database.prepare('DELETE FROM audit_spool WHERE sequence = ?');
  const shrink = database.prepare('DELETE FROM audit_spool WHERE sequence <= ?');
  const size = database.prepare('SELECT count(*) AS count FROM audit_spool');

  /** From the disk each time: a transaction that was undone moved nothing. */
  function head(): NodeHead {
    const row = readHead.get();
    if (row === undefined) return firstHead(epoch);
    return { epoch, sequence: Number(row['sequence']), hash: Buffer.from(String(row['hash']), 'hex') };
  }

  function oldest(): SpooledRecord | null {
    for (;;) {
      const row = first.get();
      if (row === undefined) return null;
      const sequence = Number(row['sequence']);
      const entry = readEntry(String(row['entry']));
      if (entry !== null) return { sequence, entry };
      remove.run(sequence);
      onUnreadable(sequence);
    }
  }

  return {
    epoch,
    append: (record: AuditRecord) =>
      together(database, () => {
        const made = chained(node, head(), record, key);
        insert.run(made.head.sequence, JSON.stringify(made.entry));
        writeHead.run(made.head.sequence, made.head.hash.toString('hex'));
        shrink.run(made.head.sequence - MOST_KEPT);
      }),
    oldest,
    release: (sequence) => void remove.run(sequence),
    get count() {
      return Number(size.get()?.['count'] ?? 0);
    },
  };
}

function readEntry(text: string): NodeAudit | null {
  try {
    return NodeAudit.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
