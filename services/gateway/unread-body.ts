// A body that is refused for its size is still on its way. Who answers and closes at once resets the connection, and the
// sender never reads why: so a bounded part of the rest is read and dropped first.
import type { IncomingMessage } from 'node:http';
import { HTTP_BODY_MAX_BYTES } from '#subjects/limits.ts';

const MOST_BYTES = 4 * HTTP_BODY_MAX_BYTES;
const LONGEST_MS = 5_000;

/** Resolves when the sender is done, or has sent more or longer than it is worth. */
export function dropUnreadBody(request: IncomingMessage): Promise<void> {
  if (request.complete || request.readableEnded || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    const count = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) done();
    };
    const done = () => {
      clearTimeout(timer);
      request.off('data', count).off('end', done).off('close', done);
      resolve();
    };
    const timer = setTimeout(done, LONGEST_MS);
    request.on('data', count).on('end', done).on('close', done);
    request.resume();
  });
}
