// Batches on their way to the core, in the order they were read. As long as the core takes them they are in memory alone, and
// the containers' own files are what a crash goes back to. When it does not, all that is not acknowledged is written into the
// spool, and so is what comes after it, until the spool is empty again.
// Invariants: a place is on disk only when all before it is acknowledged or on disk; what is in the spool is older than what
// is read next; nothing is taken out of it before it is stored elsewhere.
import type { Logger } from '#infra/logger.ts';
import type { Gathered } from './gather.ts';
import type { Parcel, Sender } from './sending.ts';
import { maySpool } from './share.ts';
import type { Place } from './source.ts';
import type { LogStore } from './store.ts';

export interface Outgoing {
  /** Whether another batch may come. */
  hasRoom(now: number): boolean;
  /** Whether more of that container may. @param containers that are followed */
  takes(container: string, containers: number): boolean;
  push(gathered: Gathered): void;
  /** Whatever is due; called again and again. */
  tick(now: number): void;
  linkIsBack(): void;
  /** Since when the oldest batch waits, in memory or on disk; null when none does. Milliseconds since 1970. */
  readonly waitsSince: number | null;
  readonly isFull: boolean;
  /** Why the disk takes nothing; null when it does. */
  readonly failure: string | null;
  /** Nothing waits in memory. */
  readonly isIdle: boolean;
  /** Writes what is left, as far as the disk takes it. */
  stop(): void;
}

interface Parts {
  readonly store: LogStore;
  readonly sender: Sender;
  readonly spoolBytes: number;
  isConnected(): boolean;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  now(): number;
  random(): number;
}

interface Entry {
  readonly gathered: Gathered;
  readonly parcels: Parcel[];
  readonly at: number;
  spoolId: number | null;
  state: 'waits' | 'is sent' | 'is stored';
}

/** The core stores several while the next ones are on their way; more only wait there, and take memory here. */
const IN_FLIGHT = 8;
/** A core that is busy for a moment costs no disk. */
const PATIENCE_MS = 300;
const PLACES_MS = 1_000;
const DISK_RETRY_MS = 1_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

export function startOutgoing({ store, sender, spoolBytes, isConnected, log, now, random }: Parts): Outgoing {
  let queue: Entry[] = [];
  /** Read after all that is in the spool, and not written yet. */
  let unwritten: Gathered[] = [];
  /** Stored by the core, and still in the spool. */
  const taken: number[] = [];
  let places = new Map<string, Place | null>();
  let loaded = 0;
  let isSpooling = store.last > 0;
  let isStopped = false;
  let failures = 0;
  let [waitUntil, fullSince, placesAt, diskAt] = [0, 0, 0, 0];
  let failure: string | null = null;

  function onDisk(write: () => void): boolean {
    try {
      write();
      if (failure !== null) log.info('the disk takes log lines again');
      failure = null;
      return true;
    } catch (error) {
      if (failure === null) log.warn({ error }, 'the spool of log lines can not be written');
      failure = error instanceof Error ? error.message : String(error);
      diskAt = now() + DISK_RETRY_MS;
      return false;
    }
  }

  /** With the places that are due, so that none of them goes back later. */
  function writeDown(batches: readonly Gathered[]): (number | null)[] | null {
    let ids: (number | null)[] | null = null;
    const due: Gathered = { body: null, places, shares: new Map() };
    onDisk(() => {
      ids = store.append([due, ...batches]).slice(1);
    });
    if (ids !== null) places = new Map();
    return ids;
  }

  /** All that only memory has. */
  function spill(): void {
    const open = queue.filter(({ spoolId, state }) => spoolId === null && state !== 'is stored');
    if (isSpooling || isStopped || now() < diskAt) return;
    const ids = writeDown(open.map(({ gathered }) => gathered));
    if (ids === null) return;
    for (const [index, entry] of open.entries()) entry.spoolId = ids[index] ?? null;
    loaded = Math.max(loaded, ...ids.map((id) => id ?? 0));
    queue = queue.filter(({ spoolId, state }) => spoolId !== null && state !== 'is stored');
    isSpooling = true;
  }

  function settle(): void {
    while (queue[0]?.state === 'is stored') {
      const entry = queue.shift() as Entry;
      for (const [container, place] of entry.gathered.places) places.set(container, place);
    }
    if (isSpooling && queue.length === 0 && unwritten.length === 0 && loaded >= store.last) isSpooling = false;
  }

  /** On a full disk nothing can be taken out either. */
  function release(): void {
    for (let id = taken[0]; id !== undefined && now() >= diskAt; id = taken[0]) {
      const done = id;
      if (!onDisk(() => store.release(done))) return;
      taken.shift();
    }
  }

  async function send(entry: Entry): Promise<void> {
    entry.state = 'is sent';
    try {
      await sender.send(entry.parcels);
    } catch (error) {
      entry.state = 'waits';
      if (!isStopped) failed(error);
      return;
    }
    failures = 0;
    entry.state = 'is stored';
    if (isStopped) return;
    if (entry.spoolId !== null) {
      queue = queue.filter((other) => other !== entry);
      taken.push(entry.spoolId);
      release();
    }
    settle();
    pump();
  }

  function failed(error: unknown): void {
    // Those that were on their way together fail together.
    if (now() >= waitUntil) {
      failures += 1;
      if (failures === 3) log.warn({ error }, 'log lines can not be sent; they are kept');
      waitUntil = now() + Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS) * (0.5 + random() / 2);
    }
    spill();
  }

  function nextEntry(): Entry | null {
    const waiting = queue.find(({ state }) => state === 'waits');
    if (waiting !== undefined || !isSpooling) return waiting ?? null;
    const spooled = store.next(loaded);
    if (spooled === null) return null;
    loaded = spooled.id;
    const gathered: Gathered = { body: spooled.body, places: new Map(), shares: new Map() };
    const entry: Entry = {
      gathered,
      parcels: [{ body: spooled.body, sequence: null }],
      at: now(),
      spoolId: spooled.id,
      state: 'waits',
    };
    queue.push(entry);
    return entry;
  }

  function pump(): void {
    if (isStopped || now() < waitUntil) return;
    if (!isConnected()) {
      if (queue.some(({ spoolId }) => spoolId === null)) spill();
      return;
    }
    let room = IN_FLIGHT - queue.filter(({ state }) => state === 'is sent').length;
    for (; room > 0; room--) {
      const entry = nextEntry();
      if (entry === null) return;
      void send(entry);
    }
  }

  return {
    hasRoom(at) {
      if (unwritten.length > 0 || failure !== null) return !isSpooling && queue.length < IN_FLIGHT;
      if (isSpooling) return store.bytes < spoolBytes;
      if (queue.length < IN_FLIGHT) {
        fullSince = 0;
        return true;
      }
      fullSince ||= at;
      if (at - fullSince >= PATIENCE_MS) spill();
      return isSpooling;
    },
    takes: (container, containers) =>
      !isSpooling || maySpool(store.held(container), { bytes: store.bytes, limit: spoolBytes, containers }),
    push(gathered) {
      if (gathered.isKeptFirst) spill();
      if (isSpooling) {
        if (unwritten.length > 0 || writeDown([gathered]) === null) unwritten.push(gathered);
      } else {
        const parcels = gathered.body === null ? [] : [{ body: gathered.body, sequence: null }];
        queue.push({
          gathered,
          parcels,
          at: now(),
          spoolId: null,
          state: parcels.length === 0 ? 'is stored' : 'waits',
        });
        settle();
      }
      pump();
    },
    tick(at) {
      release();
      if (unwritten.length > 0 && at >= diskAt && writeDown(unwritten) !== null) unwritten = [];
      if (at >= placesAt && at >= diskAt && (places.size > 0 || failure !== null)) {
        placesAt = at + PLACES_MS;
        writeDown([]);
      }
      pump();
    },
    linkIsBack() {
      failures = 0;
      waitUntil = 0;
      pump();
    },
    get waitsSince() {
      const times = [store.since, queue[0]?.at ?? null].filter((at) => at !== null);
      return times.length === 0 ? null : Math.min(...times);
    },
    get isFull() {
      return isSpooling && store.bytes >= spoolBytes;
    },
    get failure() {
      return failure;
    },
    get isIdle() {
      return queue.length === 0 && unwritten.length === 0 && !isSpooling;
    },
    stop() {
      diskAt = 0;
      spill();
      if (isSpooling && unwritten.length > 0 && writeDown(unwritten) !== null) unwritten = [];
      if (!isSpooling) writeDown([]);
      isStopped = true;
    },
  };
}
