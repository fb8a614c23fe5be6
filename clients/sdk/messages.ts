// Server-sent events of one address, each once: resumes where it was when the connection breaks, until it is told to stop.
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Connection } from './client.ts';
import { Problem, problemFrom, unreachable } from './problem.ts';

export interface Message {
  /** `message` where the gateway gives it no name. */
  readonly event: string;
  readonly data: string;
  /** Place in the stream, to go on after it later; null before the first that has one. */
  readonly id: string | null;
}

export interface FollowOptions {
  /** Id after which to begin; where the gateway begins by itself, when absent. */
  readonly after?: string;
  readonly signal: AbortSignal;
  /** Called with each connection that is up, and with the place after which it tells; null when the gateway names none. */
  readonly onOpen?: (place: string | null) => void;
  /** Called when there is none, before the next try. `tries`: how many were in vain since one was up. */
  readonly onDown?: (waitMs: number, tries: number) => void;
}

/** The gateway says something every 15 s at least. */
const SILENCE_MS = 45_000;
const LONGEST_PAUSE_MS = 15_000;

/** Refusals that another try may change; those of the server are its own. */
const PASSING = new Set([408, 425, 429]);
const isFinal = (status: number) => status >= 400 && status < 500 && !PASSING.has(status);

/** Leaves nothing behind at the signal, which may live for as long as the program. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** @throws Problem when the gateway refuses for good */
export async function* messages(
  { url, token }: Connection,
  path: string,
  { after, signal, onOpen, onDown }: FollowOptions,
): AsyncGenerator<Message, void, undefined> {
  let last = after ?? null;
  for (let failures = 0; !signal.aborted; failures += 1) {
    const broken = new AbortController();
    const either = AbortSignal.any([signal, broken.signal]);
    let watchdog = setTimeout(() => broken.abort(), SILENCE_MS);
    try {
      const headers = new Headers({ accept: 'text/event-stream' });
      if (token !== null) headers.set('authorization', `Bearer ${token}`);
      if (last !== null) headers.set('last-event-id', last);
      const response = await fetch(url + path, { headers, signal: either, cache: 'no-store' });
      if (isFinal(response.status)) throw problemFrom(response, await response.json().catch(() => null));
      if (!response.ok || response.body === null) throw unreachable(url, null);
      last ??= response.headers.get('overseer-last-event-id');
      onOpen?.(last);
      failures = 0;
      const arrived: EventSourceMessage[] = [];
      const parser = createParser({ onEvent: (message) => void arrived.push(message) });
      const decoder = new TextDecoder();
      for await (const chunk of response.body) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => broken.abort(), SILENCE_MS);
        parser.feed(decoder.decode(chunk, { stream: true }));
        for (const { id, event, data } of arrived.splice(0)) {
          if (id !== undefined) last = id;
          if (data !== '') yield { event: event ?? 'message', data, id: last };
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && error.status !== 0) throw error;
    } finally {
      clearTimeout(watchdog);
      broken.abort();
    }
    if (signal.aborted) return;
    const waitMs = Math.min(LONGEST_PAUSE_MS, 250 * 2 ** Math.min(failures, 10));
    onDown?.(waitMs, failures);
    await pause(waitMs, signal);
  }
}
