// A stream of events from the gateway, as the console follows it: whether it stands, and where to go on after a rest.
import { type Message, messages } from '#clients/sdk/messages.ts';
import { Problem } from '#clients/sdk/problem.ts';

export type StreamState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'down'; retryAt: number }
  | { kind: 'signed-out' }
  /** What it told of is not there. */
  | { kind: 'gone' };

interface Listener {
  onState(state: StreamState): void;
  onMessage(message: Message): void;
  /** What was read before the stream stood may be out of date. */
  onLive(isFirst: boolean): void;
}

/** Where to go on; kept by the caller, so that a stream that rested goes on where it was. */
export interface Place {
  lastId: string | null;
  wasLive: boolean;
}

/** The console's own gateway; the cookie speaks. */
const HERE = { url: '', token: null };

/** Follows what is told at `address` until `stopped`, the session is over, or it is not there. */
export async function follow(address: string, listener: Listener, place: Place, stopped: AbortSignal): Promise<void> {
  listener.onState({ kind: 'connecting' });
  const told = messages(HERE, address, {
    ...(place.lastId === null ? {} : { after: place.lastId }),
    signal: stopped,
    onOpen: (after) => {
      // A stream without a place begins now: what came while it rested is not told.
      const isFirst = !place.wasLive || place.lastId === null;
      // Also when nothing comes before it rests.
      place.lastId = after;
      place.wasLive = true;
      listener.onState({ kind: 'live' });
      listener.onLive(isFirst);
    },
    onDown: (waitMs) => listener.onState({ kind: 'down', retryAt: Date.now() + waitMs }),
  });
  try {
    for await (const message of told) {
      place.lastId = message.id;
      listener.onMessage(message);
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    listener.onState({ kind: error.status === 401 ? 'signed-out' : 'gone' });
  }
}
