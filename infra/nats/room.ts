// Pure: how large a body may be, on the wire and unpacked, by who sends it. Nodes are trusted with less than the core.
import type { Event, Request } from '#subjects/define.ts';
import { MAX_PAYLOAD_BYTES, NODE_ANSWER_MAX_UNPACKED_BYTES, REQUEST_MAX_UNPACKED_BYTES } from '#subjects/limits.ts';
import { streamPlans } from '#subjects/streams.ts';

export interface Room {
  /** Of the message as it travels, without its headers. */
  readonly wire: number;
  /** What it may grow to; null: it is never packed. */
  readonly unpacked: number | null;
}

/** Ours and those the server adds where accounts meet. */
const HEADERS_BYTES = 1024;
const MESSAGE = MAX_PAYLOAD_BYTES - HEADERS_BYTES;
const STORED = new Map(streamPlans().map(({ name, maxMessageBytes }) => [name, maxMessageBytes - HEADERS_BYTES]));

/** What a node asks is short: it gets no way to have the core unpack anything. */
export function roomOfInput({ from }: Pick<Request, 'from'>): Room {
  return { wire: MESSAGE, unpacked: from.includes('node') ? null : REQUEST_MAX_UNPACKED_BYTES };
}

export function roomOfAnswer({ to }: Pick<Request, 'to'>): Room {
  return { wire: MESSAGE, unpacked: to === 'node' ? NODE_ANSWER_MAX_UNPACKED_BYTES : REQUEST_MAX_UNPACKED_BYTES };
}

export function roomOfEvent({ stream, unpackedMaxBytes }: Pick<Event, 'stream' | 'unpackedMaxBytes'>): Room {
  return { wire: STORED.get(stream) ?? MESSAGE, unpacked: unpackedMaxBytes ?? null };
}
