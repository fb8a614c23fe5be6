// Server-sent events: frames, pings, and an end for those who don't read.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OverseerError } from '#subjects/errors.ts';

export interface Frame {
  /** Null: `Last-Event-ID` stays what it was. */
  readonly id: string | null;
  /** `message` unless said. */
  readonly event?: string;
  /** Null: nothing happened; only the place goes on. */
  readonly data: string | null;
}

/** Proxies close what is silent for a minute. */
const PING_MS = 15_000;
/** Who takes nothing for so long is cut; it resumes by its last id. */
const STALLED_MS = 30_000;
const OPEN_MAX = 1000;
/** A frame may have megabytes; whoever takes it slowly, but takes it, is not stalled. */
const PIECE = 64 * 1024;
export const LAST_ID_HEADER = 'overseer-last-event-id';

const open = new Set<AbortController>();

export function wantsEventStream(request: FastifyRequest): boolean {
  return request.method === 'GET' && /\btext\/event-stream\b/.test(request.headers.accept ?? '');
}

/** The place as it was told, in the alphabet that all places share; null when the header names none. */
export function lastPlace(request: FastifyRequest): string | null {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && /^\d[\d-]{0,63}$/.test(header) ? header : null;
}

/** Of a stream whose places are sequences. Null when the header does not name one. */
export function lastEventId(request: FastifyRequest): number | null {
  const place = lastPlace(request);
  return place !== null && /^\d{1,15}$/.test(place) ? Number(place) : null;
}

export function endAllEventStreams(): void {
  for (const ending of open) ending.abort();
}

async function taken(raw: ServerResponse, signal: AbortSignal): Promise<void> {
  await once(raw, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(STALLED_MS)]) });
}

async function written(raw: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length && !signal.aborted; at += PIECE) {
    if (!raw.write(bytes.subarray(at, at + PIECE))) await taken(raw, signal);
  }
}

function textOf({ id, event, data }: Frame): string {
  const name = event === undefined ? '' : `event: ${event}\n`;
  const place = id === null ? '' : `id: ${id}\n`;
  return data === null ? `${place}\n` : `${name}${place}data: ${data}\n\n`;
}

/** What was written is on its way before the connection is closed. */
async function ended(raw: ServerResponse): Promise<void> {
  raw.end();
  await once(raw, 'finish', { signal: AbortSignal.timeout(STALLED_MS) });
}

/**
 * `from` is told at once, so that a caller that saw no event yet can resume too; null where the first event says all that
 * was before it. Ends with its frames.
 */
export async function sendEventStream(
  reply: FastifyReply,
  from: number | string | null,
  frames: (signal: AbortSignal) => AsyncIterable<Frame>,
): Promise<void> {
  if (open.size >= OPEN_MAX) throw new OverseerError('rate-limited', `more than ${OPEN_MAX} streams are open`);
  const ending = new AbortController();
  const { signal } = ending;
  const { raw } = reply;
  open.add(ending);
  reply.hijack();
  raw.on('close', () => ending.abort());
  raw.on('error', () => ending.abort());
  let isWithinFrame = false;
  const ping = setInterval(() => {
    if (!raw.writableNeedDrain && !isWithinFrame) raw.write(': ping\n\n');
  }, PING_MS);
  try {
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      ...(from === null ? {} : { [LAST_ID_HEADER]: String(from) }),
    });
    raw.write(from === null ? 'retry: 2000\n\n' : `retry: 2000\nid: ${from}\n\n`);
    for await (const frame of frames(signal)) {
      isWithinFrame = true;
      await written(raw, textOf(frame), signal);
      isWithinFrame = false;
    }
    if (!signal.aborted) await ended(raw);
  } catch (error) {
    if (!signal.aborted) reply.log.info({ err: error }, 'an event stream was cut');
  } finally {
    clearInterval(ping);
    open.delete(ending);
    ending.abort();
    if (!raw.writableFinished) raw.destroy();
  }
}
