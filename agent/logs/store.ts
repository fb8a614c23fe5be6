// What must be known after a crash: how far each container was read, and batches that were read and nobody has taken. Both
// in one SQLite file, so that a batch and the place after it are kept together or not at all.
import { DatabaseSync } from 'node:sqlite';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { LogBatch } from '#subjects/schema/log-batch.ts';
import { openOrSetAside } from '../state/set-aside.ts';
import { together } from '../state/transaction.ts';
import type { Gathered } from './gather.ts';
import type { Place } from './source.ts';

export interface SpooledBatch {
  readonly id: number;
  readonly body: LogBatch;
}

export interface LogStore {
  places(): ReadonlyMap<string, Place>;
  /** Null: nothing is to be known of it any more. @throws when the disk takes nothing */
  keep(places: ReadonlyMap<string, Place | null>): void;
  /** All of them, with their places, or none. @returns their numbers. @throws when the disk takes nothing */
  append(batches: readonly Gathered[]): (number | null)[];
  /** The oldest after that one. */
  next(after: number): SpooledBatch | null;
  release(id: number): void;
  /** Number of the newest; 0 when there is none. */
  readonly last: number;
  readonly bytes: number;
  /** When the oldest came, or was found here at the start; null when there is none. Milliseconds since 1970. */
  readonly since: number | null;
  /** Of what a container has here. */
  held(container: string): number;
  close(): void;
}

/** A damaged row must not fill our memory. */
const MOST_UNPACKED = 16 * 1024 * 1024;
type Shares = Readonly<Record<string, number>>;

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec(`PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS place (container TEXT PRIMARY KEY, place TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS batch (
        id INTEGER PRIMARY KEY AUTOINCREMENT, shares TEXT NOT NULL, body BLOB NOT NULL
      ) STRICT`);
    database.prepare('SELECT count(*) FROM batch').get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

interface Options {
  readonly log: { warn(fields: object, message: string): void };
  now(): number;
}

export function openLogStore(file: string, { log, now }: Options): LogStore {
  const database = openOrSetAside(
    file,
    () => open(file),
    (aside, error) =>
      log.warn({ error, aside }, 'the database of logs can not be read; it was set aside, and logs are read anew'),
  );
  const putPlace = database.prepare('INSERT OR REPLACE INTO place (container, place) VALUES (?, ?)');
  const dropPlace = database.prepare('DELETE FROM place WHERE container = ?');
  const insert = database.prepare('INSERT INTO batch (shares, body) VALUES (?, ?)');
  const following = database.prepare('SELECT id, shares, body FROM batch WHERE id > ? ORDER BY id LIMIT 1');
  const placeOf = database.prepare('SELECT place FROM place WHERE container = ?');
  const remove = database.prepare('DELETE FROM batch WHERE id = ?');
  const known = new Map<number, { readonly bytes: number; readonly shares: Shares; readonly at: number }>();
  const heldBy = new Map<string, number>();
  let [bytes, newest] = [0, 0];

  function count(id: number, size: number, shares: Shares): void {
    known.set(id, { bytes: size, shares, at: now() });
    newest = Math.max(newest, id);
    bytes += size;
    for (const [container, share] of Object.entries(shares))
      heldBy.set(container, (heldBy.get(container) ?? 0) + share);
  }
  function uncount(id: number): void {
    const found = known.get(id);
    if (found === undefined) return;
    known.delete(id);
    bytes -= found.bytes;
    for (const [container, share] of Object.entries(found.shares)) {
      const left = (heldBy.get(container) ?? 0) - share;
      if (left > 0) heldBy.set(container, left);
      else heldBy.delete(container);
    }
  }
  for (const row of database.prepare('SELECT id, length(body) AS size, shares FROM batch ORDER BY id').all()) {
    count(Number(row['id']), Number(row['size']), JSON.parse(String(row['shares'])) as Shares);
  }

  function write(places: ReadonlyMap<string, Place | null>): void {
    for (const [container, place] of places) {
      if (place === null) dropPlace.run(container);
      else putPlace.run(container, JSON.stringify(place));
    }
  }

  /** What is known of one that can't be read: whose lines it had. */
  function told(id: number, containers: readonly string[]): LogBatch {
    const gaps = containers.flatMap((container) => {
      const place = placeOf.get(container)?.['place'];
      return place === undefined ? [] : [spoolGap(id, JSON.parse(String(place)) as Place)];
    });
    return { kind: 'log', chunks: [], gaps };
  }

  function release(id: number): void {
    remove.run(id);
    uncount(id);
    // What an outage needed is given back.
    if (known.size === 0) database.exec('PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)');
  }

  return {
    places() {
      const rows = database.prepare('SELECT container, place FROM place').all();
      return new Map(rows.map((row) => [String(row['container']), JSON.parse(String(row['place'])) as Place]));
    },
    keep: (places) => together(database, () => write(places)),
    append(batches) {
      const made: (readonly [number, number, Shares] | null)[] = [];
      together(database, () => {
        for (const { body, places, shares } of batches) {
          write(places);
          if (body === null) {
            made.push(null);
            continue;
          }
          const packed = zstdCompressSync(JSON.stringify(body));
          const total = [...shares.values()].reduce((sum, share) => sum + share, 0);
          const own = [...shares].map(([name, share]) => [name, Math.round((share / total) * packed.length)]);
          const parts = Object.fromEntries(own) as Shares;
          const { lastInsertRowid } = insert.run(JSON.stringify(parts), packed);
          made.push([Number(lastInsertRowid), packed.length, parts]);
        }
      });
      for (const entry of made) if (entry !== null) count(...entry);
      return made.map((entry) => entry?.[0] ?? null);
    },
    next(after) {
      for (let from = after; ; ) {
        const row = following.get(from);
        if (row === undefined) return null;
        from = Number(row['id']);
        const kept = unpacked(row['body'] as Uint8Array);
        if (kept === null) log.warn({ id: from }, 'a batch of log lines in the spool is not readable');
        const body = kept ?? told(from, Object.keys(JSON.parse(String(row['shares'])) as Shares));
        if (kept !== null || body.gaps.length > 0) return { id: from, body };
        release(from);
      }
    },
    release,
    get last() {
      return known.size === 0 ? 0 : newest;
    },
    get bytes() {
      return bytes;
    },
    get since() {
      return known.values().next().value?.at ?? null;
    },
    held: (container) => heldBy.get(container) ?? 0,
    close: () => database.close(),
  };
}

function spoolGap(id: number, { file, source }: Place): LogBatch['gaps'][number] {
  return {
    ...{ ...source, deployment: null, keepDays: null },
    ...{ file: null, first: null, rows: null, from: null, to: null },
    reason: 'unreadable',
    key: `${file}:spool:${id}`,
  };
}

function unpacked(body: Uint8Array): LogBatch | null {
  try {
    const text = zstdDecompressSync(body, { maxOutputLength: MOST_UNPACKED }).toString('utf8');
    return LogBatch.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
