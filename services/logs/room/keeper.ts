// Keeps the store within its bound, and lines no longer than their stack wants them: looked after each few seconds.
import { statfs } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { removeExpired, removeOldest } from '../store/removal.ts';
import { usage } from '../store/usage.ts';
import { excess, roomFor } from './share.ts';

const LOOK_MS = 2_000;
/** Once it is full, so much is made free at a time that not every look has to remove. */
const TARGET = 0.98;

export interface Keeper extends Stoppable {
  /** Bytes that may be stored just now: less than the bound when the disk is nearly full. */
  readonly room: number;
}

export interface KeeperParts {
  readonly database: Database;
  readonly log: Logger;
  readonly maxBytes: number;
  /** Folder on the disk that the database writes to; null: it is another machine's. */
  readonly disk: string | null;
}

/** What stays free for all else that the core writes. */
const SPARE_BYTES = 1024 ** 3;
const SPARE_SHARE = 0.02;

/** Less than what is to stay free is. */
async function isNearlyFull(disk: string | null): Promise<boolean> {
  if (disk === null) return false;
  const { bavail, blocks, bsize } = await statfs(disk);
  return bavail * bsize < Math.min(SPARE_BYTES, blocks * bsize * SPARE_SHARE);
}

export function keepRoom({ database, log, maxBytes, disk }: KeeperParts): Keeper {
  const stopping = new AbortController();
  const { signal } = stopping;
  let room = maxBytes;

  async function once(): Promise<void> {
    while (!signal.aborted && (await database.transaction(removeExpired)) > 0);
    const used = await database.read(usage);
    const total = [...used.values()].reduce((sum, bytes) => sum + bytes, 0);
    room = roomFor(maxBytes, total, await isNearlyFull(disk), room);
    for (const [node, bytes] of excess(used, room, room * TARGET)) {
      let left = bytes;
      while (left > 0 && !signal.aborted) {
        const removed = await database.transaction((em) => removeOldest(em, node, left));
        if (removed === 0) break;
        left -= removed;
      }
      log.info({ node, bytes: bytes - left, room }, 'the oldest log lines of a node made room');
    }
  }

  async function keep(): Promise<void> {
    while (!signal.aborted) {
      await once().catch((error: unknown) => log.warn({ err: error }, 'no room could be made for log lines'));
      await pause(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }

  const done = keep();
  return {
    get room() {
      return room;
    },
    async stop() {
      stopping.abort();
      await done;
    },
  };
}
