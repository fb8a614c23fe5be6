// Live events over a real bus: whoever resumes by the last id sees every event once, in order, whatever broke meanwhile.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { events as follow } from '#clients/sdk/events.ts';
import { newHealth } from '#infra/health.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { accessOf } from '#services/gateway/access/tokens.ts';
import { buildApp } from '#services/gateway/app.ts';
import { type LiveStream, openLiveStream } from '#services/gateway/live/stream.ts';
import type { App } from '#services/gateway/parts.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';

const TOKEN = randomBytes(24).toString('hex');
const node = newId();

function fact(number: number, text = ''): CloudEvent {
  return {
    specversion: '1.0',
    id: newId(),
    type: 'dev.overseer.node.updated.v1',
    source: 'registry',
    subject: `nodes/${node}`,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: { number, text },
  };
}

describe('live events', () => {
  let server: TestBus;
  let registry: Bus;
  let gateway: Bus;
  let app: App;
  let events: LiveStream;
  let url: string;
  let root: string;
  let told = 0;
  const sockets = new Set<Socket>();
  before(async () => {
    server = await startTestBus();
    registry = await server.connect('registry');
    gateway = await server.connect('gateway');
    root = mkdtempSync(join(tmpdir(), 'overseer-live-'));
    events = openLiveStream(gateway, 'EVENTS');
    app = await buildApp({
      ...{ bus: gateway, events, consoleRoot: root, health: newHealth(), version: '0' },
      log: createLogger('gateway', process.env['TEST_LOG'] ?? 'silent'),
      access: accessOf(TOKEN, randomBytes(32)),
      addresses: { http: { host: '127.0.0.1', port: 7700 }, nats: { port: 4222 }, advertise: null },
      ca: () => '',
      metrics: async () => '',
    });
    app.server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await gateway.flush();
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  after(async () => {
    app?.server.closeAllConnections();
    await app?.close();
    await server?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const tell = async (count: number, text = '') => {
    for (let made = 0; made < count; made += 1) {
      told += 1;
      await registry.emit('nodeFact', { node, fact: 'updated' }, fact(told, text));
    }
  };

  /** Ends the readers of a test with it, however it ends. */
  function stopped(t: TestContext): AbortController {
    const stop = new AbortController();
    t.after(() => stop.abort());
    return stop;
  }

  /** Numbers in the order of arrival. */
  function collect(after: string, signal: AbortSignal) {
    const numbers: number[] = [];
    const done = (async () => {
      for await (const event of follow({ url, token: TOKEN }, { after, signal })) {
        numbers.push(event.data['number'] as number);
      }
    })();
    return { numbers, done };
  }

  const upTo = (count: number, from = 1) => Array.from({ length: count - from + 1 }, (_, index) => from + index);

  test('history, then live, without a hole or a double at the seam', async (t) => {
    await tell(600);
    const stop = stopped(t);
    // While readers catch up, more is told.
    const telling = tell(300);
    const readers = [0, 1, 250, 599].map((from) => ({ from, ...collect(String(from), stop.signal) }));
    await telling;
    await until(() => readers.every(({ numbers }) => numbers.at(-1) === told), 20_000, 'all to be up to date');
    stop.abort();
    await Promise.all(readers.map(({ done }) => done));
    for (const { from, numbers } of readers) assert.deepEqual(numbers, upTo(told, from + 1), `after ${from}`);
  });

  test('a stream without an id begins now, and its first id resumes it', async () => {
    const response = await fetch(`${url}/api/events`, {
      headers: { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream' },
    });
    assert.equal(response.headers.get('x-accel-buffering'), 'no');
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.equal(response.headers.get('overseer-last-event-id'), String(told));
    await response.body?.cancel();
  });

  test('connections that are cut again and again lose and repeat nothing', async (t) => {
    const stop = stopped(t);
    const from = told;
    const { numbers, done } = collect(String(from), stop.signal);
    for (let round = 0; round < 5; round += 1) {
      const before = told;
      await tell(20);
      await until(() => (numbers.at(-1) ?? from) > before, 10_000, 'the reader to be back');
      app.server.closeAllConnections();
    }
    await until(() => numbers.at(-1) === told, 20_000, 'the reader to be up to date');
    stop.abort();
    await done;
    assert.deepEqual(numbers, upTo(told, from + 1));
  });

  test('control: without its last id a reader misses what was told while it was away', async (t) => {
    const stop = stopped(t);
    const first = told;
    await tell(5);
    const numbers: number[] = [];
    const done = (async () => {
      const options = { signal: stop.signal, onOpen: () => void tell(1) };
      for await (const event of follow({ url, token: TOKEN }, options)) numbers.push(event.data['number'] as number);
    })();
    await until(() => numbers.length > 0, 10_000, 'the event after the connection');
    stop.abort();
    await done;
    assert.equal(numbers[0], first + 6);
  });

  test('a server that is killed and comes back loses and repeats nothing', { timeout: 60_000 }, async (t) => {
    const stop = stopped(t);
    const from = told;
    const { numbers, done } = collect(String(from), stop.signal);
    await tell(10);
    await until(() => numbers.length === 10, 10_000, 'the first ten');
    await server.kill();
    await server.restart();
    await until(() => registry.isConnected && gateway.isConnected, 20_000, 'the bus to be back');
    await tell(10);
    await until(() => numbers.at(-1) === told, 20_000, 'the reader to be up to date');
    stop.abort();
    await done;
    assert.deepEqual(numbers, upTo(told, from + 1));
  });

  test('who reads slowly costs bounded memory, and still sees all', { timeout: 60_000 }, async () => {
    const from = told;
    const { port } = new URL(url);
    let text = '';
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `GET /api/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\naccept: text/event-stream\r\nlast-event-id: ${from}\r\n\r\n`,
    );
    socket.setEncoding('utf8');
    socket.pause();
    await tell(1500, 'x'.repeat(10_000));
    // 15 MB were told; what waits for a reader is a part of it.
    const waiting = [...sockets].reduce((sum, { writableLength }) => sum + writableLength, 0);
    assert.ok(waiting < 2 * 1024 * 1024, String(waiting));
    assert.equal(text, '');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.resume();
    const numbers = () => [...text.matchAll(/"number":(\d+)/g)].map((match) => Number(match[1]));
    await until(() => text.includes(`"number":${told},`), 30_000, 'the slow reader to be up to date');
    socket.destroy();
    assert.deepEqual(numbers(), upTo(told, from + 1));
  });

  test('a body that the bus can not carry is too large, whoever would have taken it', async () => {
    const noise = randomBytes(1_100_000).toString('base64');
    const body = { compose: 'x: 1\n', files: { a: noise }, targets: { nodes: [node] } };
    const response = await fetch(`${url}/api/stacks/web`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 413, await response.clone().text());
    const problem = (await response.json()) as { code: string; detail: string };
    assert.equal(problem.code, 'too-large');
    assert.match(problem.detail, /has \d+ bytes, \d+ compressed; it may have \d+$/);
  });

  test('without services every call says that they are away', async () => {
    for (const path of ['/api/nodes', '/api/stacks', '/api/audit', '/api/deployments']) {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${TOKEN}` } });
      assert.equal(response.status, 503);
      assert.equal(((await response.json()) as { code: string }).code, 'unavailable');
    }
    const status = await fetch(`${url}/api/status`, { headers: { authorization: `Bearer ${TOKEN}` } });
    const { ready, services } = (await status.json()) as {
      ready: boolean;
      services: { service: string; state: string }[];
    };
    assert.equal(ready, false);
    assert.deepEqual(
      services.map(({ service, state }) => `${service} ${state}`),
      ['gateway up', 'registry down', 'scheduler down', 'logs down', 'audit down'],
    );
  });

  test('pages go back to the first event, newest first', async () => {
    const seen: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`;
      const response = await fetch(`${url}/api/events?limit=400${query}`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      const page = (await response.json()) as { items: { data: { number: number } }[]; nextCursor: string | null };
      seen.push(...page.items.map(({ data }) => data.number));
      cursor = page.nextCursor;
    }
    assert.deepEqual(seen, upTo(told).reverse());
  });

  test('an id of a stream that is gone begins with what there is', async (t) => {
    const stop = stopped(t);
    const { numbers, done } = collect('900000000', stop.signal);
    await until(() => numbers.at(-1) === told, 30_000, 'the reader to be up to date');
    stop.abort();
    await done;
    assert.deepEqual(numbers, upTo(told));
  });
});
