// The spool in the agent's database: survives kill -9 and power cuts, bounded, and says what it had to drop.
import type { DatabaseSync } from 'node:sqlite';
import { NodeEvent } from '#subjects/schema/node-event.ts';
import { isExpendable, KEPT_SHARE, lossEvent, type SpoolLimits } from '../outbox/spool-limits.ts';
import type { Spool, SpooledEvent } from './store.ts';
import { together } from './transaction.ts';

/** AUTOINCREMENT never gives a number again, not even when the table was emptied. */
export const SPOOL_TABLE = `
  CREATE TABLE IF NOT EXISTS spool (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, expendable INTEGER NOT NULL, bytes INTEGER NOT NULL, event TEXT NOT NULL
  ) STRICT`;

interface Row {
  sequence: number;
  event: string;
}

/**
 * @param onUnreadable a row that no longer matches the schema: left over from another version, or a damaged disk
 * @param alongside written with each event: both or neither
 */
export function diskSpool(
  database: DatabaseSync,
  epoch: string,
  limits: SpoolLimits,
  onUnreadable: (sequence: number) => void,
  alongside: (event: NodeEvent) => void = () => {},
): Spool {
  const insert = database.prepare('INSERT INTO spool (expendable, bytes, event) VALUES (?, ?, ?)');
  const first = database.prepare('SELECT sequence, event FROM spool ORDER BY sequence LIMIT 1');
  const remove = database.prepare('DELETE FROM spool WHERE sequence = ?');
  const candidates = database.prepare(
    'SELECT sequence, bytes FROM spool WHERE sequence > ? ORDER BY expendable DESC, sequence LIMIT ?',
  );
  const size = database.prepare('SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM spool').get();
  let count = Number(size?.['count'] ?? 0);
  let bytes = Number(size?.['bytes'] ?? 0);
  let isFull = false;

  function push(event: NodeEvent): void {
    const text = JSON.stringify(event);
    insert.run(isExpendable(event) ? 1 : 0, text.length, text);
    count += 1;
    bytes += text.length;
  }

  function drop(sequence: number, size: number): void {
    if (remove.run(sequence).changes === 0) return;
    count -= 1;
    bytes -= size;
  }

  /** The oldest stays: it may be on its way already. */
  function shrink(cause: NodeEvent): void {
    const inFlight = first.get() as Row | undefined;
    const dropped: number[] = [];
    for (const row of candidates.all(inFlight?.sequence ?? 0, count)) {
      if (count <= limits.events * KEPT_SHARE && bytes <= limits.bytes * KEPT_SHARE) break;
      drop(Number(row['sequence']), Number(row['bytes']));
      dropped.push(Number(row['sequence']));
    }
    if (dropped.length > 0) push(lossEvent(cause, dropped));
  }

  function oldest(): SpooledEvent | null {
    for (;;) {
      const row = first.get() as Row | undefined;
      if (row === undefined) return null;
      const parsed = NodeEvent.safeParse(readJson(row.event));
      if (parsed.success) return { sequence: row.sequence, event: parsed.data };
      drop(row.sequence, row.event.length);
      onUnreadable(row.sequence);
    }
  }

  return {
    epoch,
    append: (...events) =>
      together(database, () => {
        for (const event of events) {
          push(event);
          alongside(event);
        }
        const last = events.at(-1);
        if (last === undefined || (count <= limits.events && bytes <= limits.bytes)) return;
        isFull = true;
        shrink(last);
      }),
    oldest,
    release(sequence) {
      const row = first.get() as Row | undefined;
      drop(sequence, row?.sequence === sequence ? row.event.length : 0);
      if (count < limits.events / 2 && bytes < limits.bytes / 2) isFull = false;
    },
    get count() {
      return count;
    },
    get isFull() {
      return isFull;
    },
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
