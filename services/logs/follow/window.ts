// The newest chunks, read once for all followers together. Beyond it a follower reads for itself. Kept fresh only while
// somebody follows.
import type { Logger } from '#infra/logger.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { type LogEntry, unpackedBytes } from '../entry.ts';
import { contentOf, type Found } from '../read/items.ts';
import { LOGS_CHANNEL } from '../store/append.ts';
import { arrivedAfter, newestId } from '../store/entries.ts';

/** Of what its chunks take once they are read. */
const MOST_BYTES = 48 * 1024 * 1024;
const ENTRIES_MAX = 4096;
const FETCH = 32;
/** Nobody asked for so long: nobody follows. */
const IDLE_MS = 60_000;

/** All that arrived after `start`, up to `end`. */
interface Span {
  start: number;
  end: number;
}

export interface Window extends Stoppable {
  /** What arrived after an id, as far as it is known; null when that reaches back too far. */
  after(id: number): LogEntry[] | null;
  /** False: nothing arrives any more. */
  readonly isOpen: boolean;
  /** Unpacked once for all. */
  contentOf(entry: LogEntry): Found[];
  /** The newest id that can be seen; one that is no less than `id` will do, when there is one. */
  newest(id: number): Promise<number>;
  /** Resolves when something may have arrived after `id`, or at the end of `ms`, or of the window. */
  arrived(id: number, ms: number): Promise<void>;
}

export function openWindow(database: Database, log: Logger): Window {
  let fresh: LogEntry[] = [];
  /** Gone with their entries. */
  const contents = new WeakMap<LogEntry, Found[]>();
  let bytes = 0;
  /** What is in it; null: it has not begun. */
  let span: Span | null = null;
  let usedAt = 0;
  let isStopped = false;
  let isReading = false;
  let isStale = false;
  const waiting = new Set<() => void>();

  const isUsed = () => waiting.size > 0 || performance.now() - usedAt < IDLE_MS;

  function forget(): void {
    fresh = [];
    bytes = 0;
    span = null;
  }

  function wakeAll(): void {
    for (const wake of waiting) wake();
    waiting.clear();
  }

  function add(entries: readonly LogEntry[], known: Span): void {
    for (const entry of entries) {
      fresh.push(entry);
      bytes += unpackedBytes(entry);
      known.end = entry.id;
    }
    let dropped = 0;
    while (dropped < fresh.length - 1 && (bytes > MOST_BYTES || fresh.length - dropped > ENTRIES_MAX)) {
      const entry = fresh[dropped] as LogEntry;
      bytes -= unpackedBytes(entry);
      known.start = entry.id;
      dropped += 1;
    }
    fresh.splice(0, dropped);
  }

  async function readOn(): Promise<void> {
    const isNew = span === null;
    const known: Span = span ?? (await database.read(newestId).then((id) => ({ start: id, end: id })));
    span = known;
    // Something may have arrived between a follower's last look and this beginning.
    if (isNew) wakeAll();
    for (let isMore = true; isMore && !isStopped; ) {
      const entries = await database.read((em) => arrivedAfter(em, null, known.end, FETCH));
      add(entries, known);
      isMore = entries.length === FETCH;
      if (entries.length > 0) wakeAll();
    }
  }

  /** One at a time; what arrives meanwhile is read right after. */
  async function refresh(): Promise<void> {
    isStale = true;
    if (isReading) return;
    isReading = true;
    try {
      while (isStale && !isStopped) {
        isStale = false;
        if (!isUsed()) forget();
        else await readOn();
      }
    } catch (error) {
      log.debug({ err: error }, 'followers wait for the database');
      forget();
    } finally {
      isReading = false;
    }
  }

  const listening = database.listen(LOGS_CHANNEL, () => void refresh());
  return {
    get isOpen() {
      return !isStopped;
    },
    after(id) {
      usedAt = performance.now();
      if (span === null || id < span.start) return null;
      return fresh.slice(fresh.findLastIndex((entry) => entry.id <= id) + 1);
    },
    contentOf(entry) {
      const known = contents.get(entry) ?? contentOf(entry);
      contents.set(entry, known);
      return known;
    },
    newest: async (id) => (span && span.end >= id ? span.end : database.read(newestId)),
    async arrived(id, ms) {
      usedAt = performance.now();
      if (isStopped || (span && span.end > id)) return;
      if (span === null) void refresh();
      const woken = Promise.withResolvers<void>();
      const timer = setTimeout(woken.resolve, ms);
      waiting.add(woken.resolve);
      await woken.promise;
      clearTimeout(timer);
      waiting.delete(woken.resolve);
    },
    async stop() {
      isStopped = true;
      wakeAll();
      await listening.stop();
    },
  };
}
