// All events as they come, each once.
import type { Connection, Schemas } from './client.ts';
import { type FollowOptions, messages } from './messages.ts';

export type StoredEvent = Schemas['StoredEvent'];

/** @throws Problem when the gateway refuses for good */
export async function* events(
  connection: Connection,
  options: FollowOptions,
): AsyncGenerator<StoredEvent, void, undefined> {
  for await (const { data } of messages(connection, '/api/events', options)) yield JSON.parse(data) as StoredEvent;
}

/** The sequence of the newest event: what is followed after it is all that comes from now on. */
export async function newestEvent(ask: () => Promise<{ items: StoredEvent[] }>): Promise<string> {
  return (await ask()).items[0]?.sequence ?? '0';
}
