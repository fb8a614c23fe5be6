// Events as they come, each once: resumes where it was when the connection breaks, until it is told to stop.
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Connection, Schemas } from './client.ts';
import { Problem, problemFrom, unreachable } from './problem.ts';

export type StoredEvent = Schemas['StoredEvent'];

export interface FollowOptions {
  /** Sequence after which to begin; now, when absent. */
  readonly after?: string;
  readonly signal: AbortSignal;
  /** Called with each connection that is up. */
  readonly onOpen?: () => void;
}

/** The gateway says something every 15 s at least. */
const SILENCE_MS = 45_000;
const LONGEST_PAUSE_MS = 15_000;

/** Refusals that another try will not change. */
const FINAL = new Set([400, 401, 403, 404]);

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** @throws Problem when the gateway refuses for good */
export async function* events(
  { url, token }: Connection,
  { after, signal, onOpen }: FollowOptions,
): AsyncGenerator<StoredEvent, void, undefined> {
  let last = after ?? null;
  for (let failures = 0; !signal.aborted; failures += 1) {
    const broken = new AbortController();
    const either = AbortSignal.any([signal, broken.signal]);
    let watchdog = setTimeout(() => broken.abort(), SILENCE_MS);
    try {
      const headers = new Headers({ accept: 'text/event-stream' });
      if (token !== null) headers.set('authorization', `Bearer ${token}`);
      if (last !== null) headers.set('last-event-id', last);
      const response = await fetch(`${url}/api/events`, { headers, signal: either, cache: 'no-store' });
      if (FINAL.has(response.status)) throw problemFrom(response.status, await response.json().catch(() => null));
      if (!response.ok || response.body === null) throw unreachable(url, null);
      last ??= response.headers.get('overseer-last-event-id');
      onOpen?.();
      failures = 0;
      const arrived: EventSourceMessage[] = [];
      const parser = createParser({ onEvent: (message) => void arrived.push(message) });
      const decoder = new TextDecoder();
      for await (const chunk of response.body) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => broken.abort(), SILENCE_MS);
        parser.feed(decoder.decode(chunk, { stream: true }));
        for (const { id, data } of arrived.splice(0)) {
          if (id !== undefined) last = id;
          if (data !== '') yield JSON.parse(data) as StoredEvent;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && error.status !== 0) throw error;
    } finally {
      clearTimeout(watchdog);
      broken.abort();
    }
    if (!signal.aborted) await pause(Math.min(LONGEST_PAUSE_MS, 250 * 2 ** Math.min(failures, 10)), signal);
  }
}

/** The sequence of the newest event: what is followed after it is all that comes from now on. */
export async function newestEvent(ask: () => Promise<{ items: StoredEvent[] }>): Promise<string> {
  return (await ask()).items[0]?.sequence ?? '0';
}
