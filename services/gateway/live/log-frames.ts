// Log lines as they come: asked of the logs service again and again, each time from where the last answer ended. What is
// asked twice is answered from the same place, so that a service that starts again makes neither a hole nor a double.
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus, OutputOf } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { LogFilter, LogItem } from '#subjects/schema/log.ts';
import type { Frame } from './sse.ts';

/** A client that goes away leaves a question behind for so long. */
const WAIT_MS = 10_000;
const ANSWER_MS = 5_000;
const LIMIT = 1000;
const AWAY_MS = 500;
/** What is live should not wait for what is past. */
const TAIL_MS = 5_000;

const PASSING: readonly string[] = ['unavailable', 'timeout', 'internal'];

function isPassing(error: unknown): boolean {
  return error instanceof OverseerError && PASSING.includes(error.code);
}

type Followed = OutputOf<'followLogs'>;

/**
 * Where a stream begins: where its reader says, or now. Asked in any case, so that a filter that is none is refused before
 * the stream begins; a reader that knows its place may come back while the service is away.
 */
export async function beginning(bus: Bus, filter: LogFilter, known: string | null): Promise<string> {
  try {
    const { after } = await bus.request('followLogs', {}, { filter, after: null, limit: 1, waitMs: 0 });
    return known ?? after;
  } catch (error) {
    if (known !== null && isPassing(error)) return known;
    throw error;
  }
}

/** The newest lines up to a place, oldest first; fewer when they are so rare that finding them takes long. */
export async function tailOf(bus: Bus, filter: LogFilter, limit: number, upTo: string): Promise<LogItem[]> {
  const items: LogItem[] = [];
  const began = performance.now();
  let cursor: string | null = null;
  do {
    const rest = limit - items.length;
    const at: { cursor?: string } = cursor === null ? {} : { cursor };
    const page: OutputOf<'readLogs'> = await bus.request(
      'readLogs',
      {},
      { filter, order: 'backward', limit: rest, upTo, ...at },
      { timeoutMs: WAIT_MS + ANSWER_MS },
    );
    items.push(...page.items);
    if (page.nextCursor === cursor) break;
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < limit && performance.now() - began < TAIL_MS);
  return items.slice(0, limit).reverse();
}

/** Null once the signal says so: what is still asked is answered to nobody. */
function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const end = () => resolve(null);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

async function asked(bus: Bus, filter: LogFilter, after: string, signal: AbortSignal): Promise<Followed | null> {
  const question = { filter, after, limit: LIMIT, waitMs: WAIT_MS };
  while (!signal.aborted) {
    try {
      return await unless(signal, bus.request('followLogs', {}, question, { timeoutMs: WAIT_MS + ANSWER_MS }));
    } catch (error) {
      if (!isPassing(error)) throw error;
      await pause(AWAY_MS, undefined, { signal }).catch(() => {});
    }
  }
  return null;
}

/**
 * First the lines of `tail`. They have no place of their own in the order of arrival: whoever is cut off amid them begins
 * anew, and the place is told after the last.
 */
export async function* logFrames(
  bus: Bus,
  filter: LogFilter,
  { tail, from }: { tail: readonly LogItem[]; from: string },
  signal: AbortSignal,
): AsyncGenerator<Frame, void, undefined> {
  for (const item of tail) yield { id: null, data: JSON.stringify(item) };
  if (tail.length > 0) yield { id: from, data: null };
  let after = from;
  for (;;) {
    const answer = await asked(bus, filter, after, signal);
    if (answer === null) return;
    for (const item of answer.items) yield { id: item.id, data: JSON.stringify(item) };
    if (answer.after !== after && answer.after !== answer.items.at(-1)?.id) yield { id: answer.after, data: null };
    after = answer.after;
  }
}
