// Events that fit a filter: paged backwards, and as frames of a live stream.
import type { LiveMessage } from '#infra/nats/bus.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { Frame } from './sse.ts';
import type { LiveStream } from './stream.ts';

export type Fits = (event: CloudEvent) => boolean;

/** Events that one call looks at before it answers with what it has found. */
const LOOKED_MAX = 5000;
const LOOK = 500;
/** Unfitting events after which the caller is told how far the stream is: who resumes need not look at them again. */
const SILENT_MAX = 500;

export function storedEvent({ body, streamSequence }: LiveMessage) {
  return { ...(body as CloudEvent), sequence: String(streamSequence) };
}

/** Newest first. `next` leads on, also when few were found in much that was looked at. */
export async function chosenBefore(
  events: Pick<LiveStream, 'before'>,
  cursor: number | null,
  limit: number,
  fits: Fits | null,
): Promise<{ messages: LiveMessage[]; next: number | null }> {
  if (fits === null) return events.before(cursor, limit);
  const messages: LiveMessage[] = [];
  let next = cursor;
  for (let looked = 0; looked < LOOKED_MAX; ) {
    const page = await events.before(next, LOOK);
    for (const message of page.messages) {
      if (!fits(message.body as CloudEvent)) continue;
      messages.push(message);
      if (messages.length === limit) return { messages, next: message.streamSequence };
    }
    looked += LOOK;
    next = page.next;
    if (next === null) break;
  }
  return { messages, next };
}

export async function* chosenFrames(messages: AsyncIterable<LiveMessage>, fits: Fits | null): AsyncGenerator<Frame> {
  let silent = 0;
  for await (const message of messages) {
    const id = String(message.streamSequence);
    if (fits === null || fits(message.body as CloudEvent)) {
      silent = 0;
      yield { id, data: JSON.stringify(storedEvent(message)) };
      continue;
    }
    silent += 1;
    if (silent % SILENT_MAX === 0) yield { id, data: null };
  }
}
