// The lines of one filter for a page: the newest of before, those that come, and older ones when they are asked for. What
// arrives between the first page and the stream is neither lost nor shown twice: the stream stands before the page is read.
import { type LogFilter, type LogItem, type LogPage, logAddress } from '#clients/sdk/logs.ts';
import { call } from '../api/http.ts';
import { follow, type Place, type StreamState } from '../live/stream.ts';
import { HELD_MAX, type LogWindow, type Older, windowOf, withNewer, withOlder } from './log-window.ts';

export interface FeedState {
  /** Null before anything was read. */
  readonly held: LogWindow | null;
  readonly isReading: boolean;
  readonly error: Error | null;
  readonly stream: StreamState;
  /** How many came while it was followed. */
  readonly arrived: number;
}

export interface LogFeed {
  state(): FeedState;
  subscribe(changed: () => void): () => void;
  /** Until the signal; called again it goes on where it was. */
  run(stopped: AbortSignal): Promise<void>;
  readOlder(): Promise<void>;
}

const PAGE = 500;
/** A search of much text answers with few lines at a time; so often it goes on by itself. */
const PAGES_MOST = 12;
const ENOUGH = 100;
/** Lines come in bursts; the page is drawn at most so often. */
const DRAWN_EVERY_MS = 100;

export function logFeed(filter: LogFilter, isLive: boolean): LogFeed {
  const listeners = new Set<() => void>();
  const place: Place = { lastId: null, wasLive: false };
  let now: FeedState = { held: null, isReading: false, error: null, stream: { kind: 'connecting' }, arrived: 0 };
  let known: ReadonlySet<string> = new Set();
  let readBack = 0;
  /** One after the other. */
  let reading: Promise<void> = Promise.resolve();
  let waiting: LogItem[] = [];
  let isToBeDrawn = false;
  const set = (patch: Partial<FeedState>) => {
    now = { ...now, ...patch };
    for (const changed of listeners) changed();
  };

  const pageBefore = (older: Older | null, signal?: AbortSignal) => {
    const from = older === null ? {} : 'cursor' in older ? { cursor: older.cursor } : { until: older.before };
    // The path begins with /api, which every call has.
    const address = logAddress(filter, { order: 'backward', limit: String(PAGE), ...from }).slice(4);
    return call<LogPage>('GET', address, { signal });
  };
  /** Goes on while it finds little. */
  const readNow = async (isFirst: boolean, signal?: AbortSignal) => {
    set({ isReading: true, error: null });
    let found = 0;
    try {
      let older: Older | null = isFirst ? null : (now.held?.older ?? null);
      for (let pages = 0; pages < PAGES_MOST && found < ENOUGH && (pages === 0 || older !== null); pages += 1) {
        const page = await pageBefore(older, signal);
        found += page.items.length;
        // More may have come meanwhile.
        const before = isFirst && pages === 0 ? null : now.held;
        const held: LogWindow = before === null ? windowOf(page) : withOlder(before, page);
        if (isFirst) known = new Set([...(pages === 0 ? [] : known), ...page.items.map(({ id }) => id)]);
        else readBack += page.items.length;
        older = held.older;
        set({ held });
      }
      set({ isReading: false });
    } catch (error) {
      set({ isReading: false, error: signal?.aborted ? null : (error as Error) });
    }
  };

  const read = (isFirst: boolean, signal?: AbortSignal) => {
    reading = reading.then(() => readNow(isFirst, signal));
    return reading;
  };

  const draw = () => {
    isToBeDrawn = false;
    if (now.held === null || waiting.length === 0) return;
    // Who reads further back keeps what was read.
    const held = withNewer(now.held, waiting, known, HELD_MAX + readBack);
    const arrived = now.arrived + waiting.length;
    waiting = [];
    set({ held, arrived });
  };

  return {
    state: () => now,
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    readOlder: () => (now.isReading ? reading : read(now.held === null)),
    async run(stopped) {
      if (!isLive) return now.held === null ? read(true, stopped) : undefined;
      await follow(
        logAddress(filter),
        {
          onState(stream) {
            set({ stream });
            // Why it does not stand, the page is told.
            if (stream.kind === 'gone' || (stream.kind === 'down' && now.held === null)) void read(true, stopped);
          },
          onMessage({ data }) {
            waiting.push(JSON.parse(data) as LogItem);
            // While no page can be read nothing is drawn; one more than is held, so that what is let go is known to be.
            if (waiting.length > 2 * HELD_MAX) waiting = waiting.slice(-HELD_MAX - 1);
            if (!isToBeDrawn) setTimeout(draw, DRAWN_EVERY_MS);
            isToBeDrawn = true;
          },
          // A page that was read before the stream stood has a hole after it.
          onLive: (isFirst) => {
            if (isFirst || now.held === null) void read(true, stopped).then(draw);
          },
        },
        place,
        stopped,
      );
    },
  };
}
