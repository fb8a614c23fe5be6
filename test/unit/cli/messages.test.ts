// Server-sent events of one address: each once, over any number of broken connections.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { messages } from '#clients/sdk/messages.ts';
import { Problem } from '#clients/sdk/problem.ts';

/** A gateway that answers the n-th call in the n-th way, and the last way from then on. */
async function answering(ways: readonly ((response: ServerResponse, lastId: unknown) => void)[]) {
  let calls = 0;
  const server = createServer((request, response) => {
    const way = ways[Math.min(calls, ways.length - 1)];
    calls += 1;
    way?.(response, request.headers['last-event-id']);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connection: { url: `http://127.0.0.1:${port}`, token: null },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const busy = (response: ServerResponse) => void response.writeHead(503).end();
const telling = (id: number) => (response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`id: ${id}\ndata: "${id}"\n\n`);

test('goes on after what it knows, says when there is no connection, and leaves nothing at the signal', async () => {
  const asked: unknown[] = [];
  const gateway = await answering([
    busy,
    busy,
    telling(7),
    (response, lastId) => {
      asked.push(lastId);
      telling(8)(response);
    },
  ]);
  const stop = new AbortController();
  const down: number[] = [];
  const listeners: number[] = [];
  const told: [string, string | null][] = [];
  const onDown = (_: number, tries: number) => {
    down.push(tries);
    listeners.push(getEventListeners(stop.signal, 'abort').length);
  };
  try {
    for await (const { data, id } of messages(gateway.connection, '/api/events', { signal: stop.signal, onDown })) {
      told.push([data, id]);
      if (told.length === 2) stop.abort();
    }
  } finally {
    await gateway.stop();
  }
  assert.deepEqual(told, [
    ['"7"', '7'],
    ['"8"', '8'],
  ]);
  assert.deepEqual(asked, ['7']);
  assert.deepEqual(down, [0, 1, 0]);
  assert.deepEqual(listeners, [0, 0, 0]);
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
});

test('what a client did wrong stays wrong; what passes is tried again', async () => {
  const statusOf = async (ways: Parameters<typeof answering>[0]) => {
    const gateway = await answering(ways);
    const stop = new AbortController();
    try {
      for await (const { data } of messages(gateway.connection, '/api/logs', { signal: stop.signal })) {
        stop.abort();
        return data;
      }
    } catch (error) {
      return error instanceof Problem ? error.status : error;
    } finally {
      await gateway.stop();
    }
    return null;
  };
  const refusing = (status: number) => (response: ServerResponse) => void response.writeHead(status).end('{}');
  for (const status of [400, 405, 409, 410, 413, 414, 422, 451]) {
    assert.equal(await statusOf([refusing(status), telling(1)]), status);
  }
  for (const status of [408, 425, 429, 500]) assert.equal(await statusOf([refusing(status), telling(1)]), '"1"');
});

test('a refusal that stays ends it, with the id of the call', async () => {
  const gateway = await answering([
    (response) => void response.writeHead(404, { 'x-request-id': 'abc' }).end('<html>not here</html>'),
  ]);
  const signal = new AbortController().signal;
  try {
    await assert.rejects(
      async () => {
        for await (const _ of messages(gateway.connection, '/api/events', { signal }));
      },
      (error) => error instanceof Problem && error.status === 404 && error.traceId === 'abc',
    );
  } finally {
    await gateway.stop();
  }
});
