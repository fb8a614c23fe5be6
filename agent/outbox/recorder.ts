// Writes what happened into the spool. What only tells how it went may wait a moment, so that a burst of it costs one
// flush of the disk; what says that something is done never waits. Their order stays.
import type { NodeEvent, NodeEventBody } from '#subjects/schema/node-event.ts';
import type { Spool } from '../state/store.ts';

/** Short enough that a person who watches does not notice. */
const GATHER_MS = 100;
/**
 * What may wait is sent this much after it is in the spool: each event costs the core some flushes of its disk, and while
 * containers start the engine has need of both.
 */
const SEND_LATER_MS = 400;

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
  /** Something new to send. */
  onRecorded(): void;
}

export function recorder({ spool, bootId, now, onRecorded }: Parts): Recorder {
  let waiting: NodeEvent[] = [];
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
    body,
  });

  function write(...last: NodeEvent[]): void {
    clearTimeout(timer);
    timer = undefined;
    const events = [...waiting, ...last];
    waiting = [];
    if (events.length === 0) return;
    spool.append(...events);
    if (last.length > 0) send();
    else sending ??= setTimeout(send, SEND_LATER_MS);
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
