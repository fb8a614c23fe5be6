// Streams that rest while nobody looks: they go on where they were, or what was read is read again.
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { follow, type Place } from '#clients/console/live/stream.ts';

/** Opens as often as it is looked at, each time without any message. @returns what it asked after, and whether to read */
async function looks(t: TestContext, count: number, headers: Record<string, string>) {
  const asked: unknown[] = [];
  const server = createServer((request, response: ServerResponse) => {
    asked.push(request.headers['last-event-id'] ?? null);
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers }).write(': here\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const real = globalThis.fetch;
  // The console asks where it comes from; here it comes from nowhere.
  t.mock.method(globalThis, 'fetch', (path: string, options: RequestInit) =>
    real(`http://127.0.0.1:${port}${path}`, options),
  );
  const place: Place = { lastId: null, wasLive: false };
  const read: boolean[] = [];
  for (let look = 0; look < count; look += 1) {
    const hidden = new AbortController();
    const onLive = (isFirst: boolean) => {
      read.push(isFirst);
      hidden.abort();
    };
    await follow('/api/logs', { onState: () => {}, onMessage: () => {}, onLive }, place, hidden.signal);
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { asked, read };
}

test('one that told nothing goes on after the place it began at', async (t) => {
  const { asked, read } = await looks(t, 3, { 'overseer-last-event-id': 'p7' });
  assert.deepEqual(asked, [null, 'p7', 'p7']);
  assert.deepEqual(read, [true, false, false]);
});

test('where none is named, what was read before is read again', async (t) => {
  const { asked, read } = await looks(t, 3, {});
  assert.deepEqual(asked, [null, null, null]);
  assert.deepEqual(read, [true, true, true]);
});
