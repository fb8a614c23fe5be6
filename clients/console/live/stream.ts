// The one stream of facts from the gateway: resumes where it was, says when it is down, rests in a hidden tab.
// Not EventSource: that can't say why it failed, nor resume by id after it was closed.
import { createParser } from 'eventsource-parser';
import type { Fact } from '../api/shapes.ts';

export type StreamState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'down'; retryAt: number }
  | { kind: 'signed-out' };

interface Listener {
  onState(state: StreamState): void;
  onFact(fact: Fact): void;
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

function factOf(text: string): Fact | null {
  try {
    const fact = JSON.parse(text) as Fact;
    return typeof fact.type === 'string' && typeof fact.subject === 'string'
      ? { ...fact, data: fact.data ?? {} }
      : null;
  } catch {
    return null;
  }
}

/** Where to go on; kept by the caller, so that a stream that rested goes on where it was. */
export interface Place {
  lastId: string | null;
  wasLive: boolean;
}

/** Reads until the stream ends or breaks; answers false when the session is over. */
async function readOnce(place: Place, listener: Listener, stopped: AbortSignal): Promise<boolean> {
  const broken = new AbortController();
  const signal = AbortSignal.any([stopped, broken.signal]);
  let watchdog = setTimeout(() => broken.abort(), SILENCE_MS);
  try {
    const headers = new Headers({ accept: 'text/event-stream' });
    if (place.lastId !== null) headers.set('last-event-id', place.lastId);
    const response = await fetch('/api/events', { headers, signal, credentials: 'same-origin', cache: 'no-store' });
    if (response.status === 401) return false;
    if (!response.ok || response.body === null) throw new Error(`the stream answered ${response.status}`);
    // A stream that has told nothing yet says where it begins.
    place.lastId ??= response.headers.get('overseer-last-event-id');
    listener.onState({ kind: 'live' });
    listener.onLive(!place.wasLive);
    place.wasLive = true;
    const parser = createParser({
      onEvent: (event) => {
        if (event.id !== undefined) place.lastId = event.id;
        const fact = factOf(event.data);
        if (fact !== null) listener.onFact(fact);
      },
    });
    const text = response.body.pipeThrough(new TextDecoderStream());
    for await (const chunk of text) {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => broken.abort(), SILENCE_MS);
      parser.feed(chunk);
    }
    return true;
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

/** Follows the facts until `stopped` or the session is over. */
export async function follow(listener: Listener, place: Place, stopped: AbortSignal): Promise<void> {
  let attempt = 0;
  listener.onState({ kind: 'connecting' });
  while (!stopped.aborted) {
    const from = Date.now();
    const goesOn = await readOnce(place, listener, stopped).catch(() => true);
    if (stopped.aborted) return;
    if (!goesOn) return listener.onState({ kind: 'signed-out' });
    attempt = Date.now() - from > LONGEST_PAUSE_MS ? 0 : attempt + 1;
    const wait = pauseBefore(attempt);
    listener.onState({ kind: 'down', retryAt: Date.now() + wait });
    await pause(wait, stopped);
  }
}
