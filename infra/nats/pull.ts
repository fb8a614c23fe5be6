// Pulls messages from a durable across the border of accounts, one message a pull. Our own loop, since the library's asks
// for many at once through one inbox, and two facts of the server forbid that:
// - An empty message without headers counts as the end of a streamed answer. In a pull for many, a node that stores one
//   would have all that follow, of every node, delivered to nobody until their ack_wait ends.
// - The server remembers each pull that crosses a border until the subscription of its inbox is gone.
import { setTimeout as pause } from 'node:timers/promises';
import { createInbox, type Msg, type MsgHdrs, type Subscription } from '@nats-io/transport-node';
import { inboxPrefix, next } from '#subjects/permissions.ts';
import type { Stoppable } from './bus.ts';
import type { Speaker } from './speaker.ts';

const NANOSECONDS = 1_000_000;
const EXPIRES_MS = 30_000;
/** The server says while a pull waits that it still has it. */
const HEARTBEAT_MS = 5_000;
/** Two heartbeats missed and the pull counts as lost. */
const SILENT_MS = 2 * HEARTBEAT_MS + 1_000;
const RETRY_MS = 1_000;
const PULLS_AN_INBOX = 500;
/**
 * A subscription that goes before the server has taken in its last pull leaves that pull behind: it takes the next message
 * with it until that one's ack_wait ends.
 */
const SETTLED_MS = 25;
const HEARTBEAT_STATUS = 100;
const EXPIRED_STATUS = 408;

export interface Pulled {
  readonly subject: string;
  readonly headers: MsgHdrs | undefined;
  readonly payload: Uint8Array;
  readonly deliveryCount: number;
  readonly streamSequence: number;
  /** By the clock of the server. */
  readonly storedAt: Date;
  ack(): void;
  /** Delivered again after this time. */
  retryAfter(ms: number): void;
  /** It is still in hand; ack_wait begins anew. */
  working(): void;
}

/**
 * `$JS.ACK.<stream>.<durable>.<delivered>.<stream sequence>.<durable's sequence>.<stored at, in ns>...`; the longer form has
 * domain and account hash before.
 */
function placeOf(reply: string): Pick<Pulled, 'deliveryCount' | 'streamSequence' | 'storedAt'> | null {
  const tokens = reply.split('.');
  const places = tokens.slice(tokens.length >= 11 ? 6 : 4).map(Number);
  const [deliveryCount = Number.NaN, streamSequence = Number.NaN, , storedNs = Number.NaN] = places;
  const isPlace = reply.startsWith('$JS.ACK.') && [deliveryCount, streamSequence, storedNs].every(Number.isFinite);
  return isPlace ? { deliveryCount, streamSequence, storedAt: new Date(storedNs / NANOSECONDS) } : null;
}

export function pullFrom(
  speaker: Speaker,
  stream: string,
  durable: string,
  take: (message: Pulled) => void,
): Stoppable {
  const { nc, link } = speaker;
  const subject = next(stream, durable);
  const request = JSON.stringify({
    batch: 1,
    expires: EXPIRES_MS * NANOSECONDS,
    idle_heartbeat: HEARTBEAT_MS * NANOSECONDS,
  });
  let subscription: Subscription | null = null;
  let inbox = '';
  let pulls = 0;
  let sentAt = 0;
  let isWaiting = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  function later(ms: number, work: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(work, ms);
  }

  function leave(): void {
    clearTimeout(timer);
    isWaiting = false;
    if (!nc.isClosed()) subscription?.unsubscribe();
    subscription = null;
  }

  /** A fresh inbox: with the old subscription the server forgets what it remembers of its pulls. */
  function anew(): void {
    leave();
    if (isStopped || nc.isClosed()) return;
    inbox = createInbox(inboxPrefix(speaker.principal, speaker.name));
    pulls = 0;
    const own = inbox;
    subscription = nc.subscribe(inbox, {
      callback: (error, message) => {
        if (!error && own === inbox) receive(message);
      },
    });
    pull();
  }

  function pull(): void {
    isWaiting = false;
    if (isStopped || nc.isClosed()) return;
    if (pulls >= PULLS_AN_INBOX) {
      anew();
      return;
    }
    pulls += 1;
    sentAt = performance.now();
    isWaiting = true;
    nc.publish(subject, request, { reply: inbox });
    later(SILENT_MS, anew);
  }

  function receive(message: Msg): void {
    const place = message.subject === inbox ? null : placeOf(message.reply ?? '');
    if (place) {
      const answer = (text: string) => {
        if (!nc.isClosed()) message.respond(text);
      };
      const { subject: own, headers, data } = message;
      take({
        ...{ subject: own, headers, payload: data, ...place },
        ack: () => answer('+ACK'),
        retryAfter: (ms) => answer(`-NAK ${JSON.stringify({ delay: ms * NANOSECONDS })}`),
        working: () => answer('+WPI'),
      });
      pull();
      return;
    }
    const status = message.headers?.code ?? 0;
    if (status === HEARTBEAT_STATUS) later(SILENT_MS, anew);
    else if (status === EXPIRED_STATUS) pull();
    else later(RETRY_MS, anew);
  }

  const forget = link.onRestored(anew);
  anew();
  return {
    async stop() {
      isStopped = true;
      forget();
      while (isWaiting && performance.now() - sentAt < SETTLED_MS) await pause(SETTLED_MS);
      leave();
    },
  };
}
