// Writes what happened into the spool. What only tells how it went may wait a moment, so that a burst of it costs one
// flush of the disk; what says that something is done never waits. Their order stays. A disk that takes nothing is no
// reason to stop running stacks: events wait in memory then, as many as fit, and are written when it takes them again.
import type { NodeEvent, NodeEventBody } from '#subjects/schema/node-event.ts';
import type { Spool } from '../state/store.ts';

/** Short enough that a person who watches does not notice. */
const GATHER_MS = 100;
/**
 * What may wait is sent this much after it is in the spool: each event costs the core some flushes of its disk, and while
 * containers start the engine has need of both.
 */
const SEND_LATER_MS = 400;
const DISK_RETRY_MS = 5_000;
/** In memory while the disk takes nothing; a few megabytes. */
const MOST_WAITING = 2_000;

export interface Recorder {
  record(body: NodeEventBody): void;
  recordSoon(body: NodeEventBody): void;
  /** The event as it would be recorded, for whoever writes it with something else. Earlier ones are written now. */
  prepared(body: NodeEventBody): NodeEvent;
  /** A prepared one is in the spool now. */
  announce(): void;
  flush(): void;
}

interface Parts {
  readonly spool: Spool;
  readonly bootId: string;
  now(): number;
  /** What of it may be told. */
  clean?(body: NodeEventBody): NodeEventBody;
  /** Something new to send. */
  onRecorded(): void;
  /** Null: the disk takes events (again). Otherwise why it does not. */
  onDisk?(failure: string | null): void;
}

export function recorder({ spool, bootId, now, clean = (body) => body, onRecorded, onDisk }: Parts): Recorder {
  let waiting: NodeEvent[] = [];
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;
  let sending: NodeJS.Timeout | undefined;

  function send(): void {
    clearTimeout(sending);
    sending = undefined;
    onRecorded();
  }

  const wrap = (body: NodeEventBody): NodeEvent => ({
    kind: 'event',
    at: new Date(now()).toISOString(),
    bootId,
    body: clean(body),
  });

  function write(...last: NodeEvent[]): void {
    clearTimeout(timer);
    timer = undefined;
    const events = [...waiting, ...last];
    waiting = [];
    if (events.length === 0) return;
    try {
      spool.append(...(lost === 0 ? [] : [unwritten()]), ...events);
      lost = 0;
      onDisk?.(null);
    } catch (error) {
      keepInMemory(events, error);
      return;
    }
    if (last.length > 0) send();
    else sending ??= setTimeout(send, SEND_LATER_MS);
  }

  function keepInMemory(events: NodeEvent[], error: unknown): void {
    lost += Math.max(0, events.length - MOST_WAITING);
    waiting = events.slice(-MOST_WAITING);
    timer = setTimeout(write, DISK_RETRY_MS);
    timer.unref();
    onDisk?.(error instanceof Error ? error.message : String(error));
  }

  /** They never got a number, the first of which is 1. */
  function unwritten(): NodeEvent {
    const reason = `${lost} events could not be kept: the agent's disk took nothing`;
    return wrap({ type: 'events.lost', from: 0, to: 0, reason });
  }

  return {
    record: (body) => write(wrap(body)),
    recordSoon(body) {
      waiting.push(wrap(body));
      timer ??= setTimeout(write, GATHER_MS);
    },
    prepared(body) {
      write();
      return wrap(body);
    },
    announce: send,
    flush() {
      write();
      send();
    },
  };
}
