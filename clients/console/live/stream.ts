// A stream of events from the gateway: resumes where it was and says when it is down.
// Not EventSource: that can't say why it failed, nor resume by id after it was closed.
import { createParser, type EventSourceMessage } from 'eventsource-parser';

export type StreamState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'down'; retryAt: number }
  | { kind: 'signed-out' }
  /** What it told of is not there. */
  | { kind: 'gone' };

interface Listener {
  onState(state: StreamState): void;
  onMessage(message: EventSourceMessage): void;
  /** What was read before the stream stood may be out of date. */
  onLive(isFirst: boolean): void;
}

/** The gateway says something at least every 15 s. */
const SILENCE_MS = 45_000;
const LONGEST_PAUSE_MS = 15_000;

/** Half a second, doubled each time, at most a quarter of a minute. */
export function pauseBefore(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, 500 * 2 ** Math.min(attempt, 10));
}

/** Where to go on; kept by the caller, so that a stream that rested goes on where it was. */
export interface Place {
  lastId: string | null;
  wasLive: boolean;
}

/** Reads until the stream ends or breaks; answers why another try would be in vain, or null. */
async function readOnce(
  address: string,
  place: Place,
  listener: Listener,
  stopped: AbortSignal,
): Promise<'signed-out' | 'gone' | null> {
  const broken = new AbortController();
  const signal = AbortSignal.any([stopped, broken.signal]);
  let watchdog = setTimeout(() => broken.abort(), SILENCE_MS);
  try {
    const headers = new Headers({ accept: 'text/event-stream' });
    if (place.lastId !== null) headers.set('last-event-id', place.lastId);
    const response = await fetch(address, { headers, signal, credentials: 'same-origin', cache: 'no-store' });
    if (response.status === 401) return 'signed-out';
    if (response.status === 404) return 'gone';
    if (!response.ok || response.body === null) throw new Error(`the stream answered ${response.status}`);
    // A stream that has told nothing yet says where it begins.
    place.lastId ??= response.headers.get('overseer-last-event-id');
    listener.onState({ kind: 'live' });
    listener.onLive(!place.wasLive);
    place.wasLive = true;
    const parser = createParser({
      onEvent: (message) => {
        if (message.id !== undefined) place.lastId = message.id;
        listener.onMessage(message);
      },
    });
    const text = response.body.pipeThrough(new TextDecoderStream());
    for await (const chunk of text) {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => broken.abort(), SILENCE_MS);
      parser.feed(chunk);
    }
    return null;
  } finally {
    clearTimeout(watchdog);
  }
}

function pause(ms: number, woken: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    woken.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Follows what is told at `address` until `stopped`, the session is over, or it is not there. */
export async function follow(address: string, listener: Listener, place: Place, stopped: AbortSignal): Promise<void> {
  let attempt = 0;
  listener.onState({ kind: 'connecting' });
  while (!stopped.aborted) {
    const from = Date.now();
    const end = await readOnce(address, place, listener, stopped).catch(() => null);
    if (stopped.aborted) return;
    if (end !== null) return listener.onState({ kind: end });
    attempt = Date.now() - from > LONGEST_PAUSE_MS ? 0 : attempt + 1;
    const wait = pauseBefore(attempt);
    listener.onState({ kind: 'down', retryAt: Date.now() + wait });
    await pause(wait, stopped);
  }
}
