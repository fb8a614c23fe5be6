// Logs as a caller of the gateway gets them: pages, a stream that resumes over restarts of the service, downloads, and an end
// of everything when the caller goes.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { newHealth } from '#infra/health.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import { accessOf } from '#services/gateway/access/tokens.ts';
import { buildApp } from '#services/gateway/app.ts';
import { type LiveStream, openLiveStream } from '#services/gateway/live/stream.ts';
import type { App } from '#services/gateway/parts.ts';
import { type Api, apiOf } from '#test/harness/api.ts';
import { until } from '#test/harness/until.ts';
import { at, chunk, gap, log, numbered, SOON_MS, type Stage, startStage } from './stage.ts';

const TOKEN = randomBytes(24).toString('hex');

let stage: Stage;
let logs: Stoppable;
let app: App;
let events: LiveStream;
let url: string;
let api: Api;
before(async () => {
  stage = await startStage();
  logs = await stage.startLogs();
  events = openLiveStream(stage.gateway, 'EVENTS');
  app = await buildApp({
    ...{ bus: stage.gateway, events, log, health: newHealth(), version: '0', consoleRoot: stage.nats.data },
    access: accessOf(TOKEN, randomBytes(32)),
    addresses: { http: { host: '127.0.0.1', port: 7700 }, nats: { port: 4222 }, advertise: null },
    ca: () => '',
    metrics: async () => '',
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  api = apiOf(url, () => TOKEN);
});
after(async () => {
  app?.server.closeAllConnections();
  await app?.close();
  await events?.stop();
  await stage?.stop();
});

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);

interface Heard {
  readonly texts: string[];
  lastId: string | null;
}

/** Reads until `enough`, then goes. @returns whether the server ended it */
async function listen(query: string, heard: Heard, enough: () => boolean): Promise<void> {
  const going = new AbortController();
  const { lastId } = heard;
  const response = await fetch(`${url}/api/logs?${query}`, {
    headers: {
      ...{ authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream' },
      ...(lastId === null ? {} : { 'last-event-id': lastId }),
    },
    signal: AbortSignal.any([going.signal, AbortSignal.timeout(SOON_MS)]),
  });
  assert.equal(response.status, 200);
  let rest = '';
  try {
    for await (const piece of (response.body as ReadableStream<Uint8Array>).pipeThrough(
      new TextDecoderStream() as never,
    ) as unknown as AsyncIterable<string>) {
      const frames = (rest + piece).split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const field = (name: string) =>
          frame
            .split('\n')
            .find((row) => row.startsWith(`${name}: `))
            ?.slice(name.length + 2);
        const data = field('data');
        if (data !== undefined) heard.texts.push(JSON.parse(data).text);
        heard.lastId = field('id') ?? heard.lastId;
        if (enough()) return going.abort();
      }
    }
  } catch (error) {
    if (!going.signal.aborted) throw error;
  }
}

test('pages with times as people say them, and refusals that say what is wrong', async () => {
  const node = await stage.node();
  await node.send(numbered(0, 30));
  await stage.handled();
  const first = await api('GET', `/api/logs?node=${node.id}&limit=10`);
  assert.equal(first.status, 200);
  assert.equal(first.body.items[0].text, 'line 29');
  const second = await api('GET', `/api/logs?node=${node.id}&limit=10&cursor=${first.body.nextCursor}`);
  assert.equal(second.body.items[0].text, 'line 19');
  assert.equal((await api('GET', `/api/logs?node=${node.id}&since=1s`)).body.items.length, 0);
  assert.equal((await api('GET', `/api/logs?node=${node.id}&since=5200w`)).body.items.length, 30);
  assert.equal((await api('GET', '/api/logs?since=yesterday')).status, 400);
  const refused = await api('GET', '/api/logs?regex=a(');
  assert.deepEqual([refused.status, refused.body.code], [400, 'invalid-input']);
  const live = await fetch(`${url}/api/logs?regex=a(`, {
    headers: { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream' },
  });
  assert.equal(live.status, 400, 'also of a stream, before it begins');
  await live.body?.cancel();
});

test('a stream through ten restarts of the service, cut by its reader again and again: no hole, no double', async () => {
  const node = await stage.node();
  await node.send(numbered(0, 5));
  await stage.handled();
  const heard: Heard = { texts: [], lastId: null };
  const query = `node=${node.id}&tail=3`;
  await listen(query, heard, () => heard.lastId !== null);
  assert.deepEqual(heard.texts, numbers(2, 5), 'the lines of before, then the place');
  const total = 600;
  const writing = (async () => {
    for (let first = 5; first < total; first += 5) await node.send(numbered(first, 5));
  })();
  const restarting = (async () => {
    for (let time = 0; time < 10; time += 1) {
      await logs.stop();
      logs = await stage.startLogs();
    }
  })();
  while (heard.texts.length < total - 2) {
    const goal = Math.min(total - 2, heard.texts.length + 100);
    await listen(query, heard, () => heard.texts.length >= goal);
  }
  await Promise.all([writing, restarting]);
  assert.equal(heard.texts.length, total - 2);
  assert.deepEqual(new Set(heard.texts), new Set(numbers(2, total)));
});

test('an idle stream tells its place at once', async () => {
  const heard: Heard = { texts: [], lastId: null };
  await listen('stack=nobody', heard, () => heard.lastId !== null);
  assert.match(heard.lastId ?? '', /^\d+$/);
});

test('200 streams that are opened and torn down leave no descriptor, and nobody waits for them', async () => {
  const node = await stage.node();
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  const streams = Array.from({ length: 200 }, (): Heard => ({ texts: [], lastId: null }));
  const open = streams.map((heard) => listen(`node=${node.id}`, heard, () => heard.texts.length >= 10));
  await until(() => streams.every(({ lastId }) => lastId !== null), SOON_MS, 'all streams to be open');
  await node.send(numbered(0, 10));
  await Promise.all(open);
  for (const { texts } of streams) assert.deepEqual(texts, numbers(0, 10));
  await until(() => descriptors() <= before + 10, SOON_MS, 'the descriptors to be closed');
});

test('a reader that takes nothing holds up nobody', async () => {
  const node = await stage.node();
  const { port, hostname } = new URL(url);
  const lazy = connect(Number(port), hostname);
  lazy.write(
    `GET /api/logs?node=${node.id} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
  );
  lazy.pause();
  const heard: Heard = { texts: [], lastId: null };
  const done = listen(`node=${node.id}`, heard, () => heard.texts.length >= 40);
  await until(() => heard.lastId !== null, SOON_MS, 'the stream to be open');
  for (let number = 0; number < 40; number += 1) {
    await node.send(chunk(number, [{ at: at(number), text: `${number}${'z'.repeat(500_000)}` }]));
  }
  await done;
  assert.equal(heard.texts.length, 40);
  lazy.destroy();
});

test('downloads hold all, the oldest first, as text and as NDJSON', async () => {
  const node = await stage.node();
  for (let first = 0; first < 5_000; first += 1_000) await node.send(numbered(first, 1_000));
  await node.send(gap({ first: 5_000, rows: 7, from: String(at(5_000)) }));
  await node.send(chunk(5_007, [{ at: at(6_000), text: 'two\nrows\r\u001b[31m\u0085\u2028\ta\\b' }]));
  await stage.handled();
  const get = (format: string) =>
    fetch(`${url}/api/logs/download?node=${node.id}&format=${format}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  const json = await get('ndjson');
  assert.match(json.headers.get('content-disposition') ?? '', /attachment; filename="logs.ndjson"/);
  const items = (await json.text())
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row));
  assert.equal(items.length, 5_002);
  assert.deepEqual(
    items.slice(0, 3).map(({ text }) => text),
    numbers(0, 3),
  );
  assert.deepEqual([items.at(-2).type, items.at(-2).rows], ['gap', 7]);
  const rows = (await (await get('text')).text()).trim().split('\n');
  assert.equal(rows.length, 5_002);
  assert.match(rows[0] ?? '', /^2026-01-01T00:00:00\.000000000Z [a-z2-7]{26} web-1 stdout line 0$/);
  assert.ok(rows.at(-1)?.endsWith(' stdout two\\nrows\\r\\u001b[31m\\u0085\\u2028\ta\\b'), rows.at(-1));
  assert.match(rows.at(-2) ?? '', /7 lines are missing: rotated/);
});

test('a download that fails amid it says so in its last line, and goes on from there', async () => {
  const node = await stage.node();
  for (let first = 0; first < 10_000; first += 1_000) {
    await node.send(
      chunk(
        first,
        Array.from({ length: 1_000 }, (_, index) => ({
          at: at(first + index),
          text: `line ${first + index} ${'w'.repeat(400)}`,
        })),
      ),
    );
  }
  await stage.handled();
  const address = `${url}/api/logs/download?node=${node.id}&format=ndjson`;
  const response = await fetch(address, { headers: { authorization: `Bearer ${TOKEN}` } });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = new TextDecoder().decode((await reader.read()).value);
  await logs.stop();
  for (let part = await reader.read(); !part.done; part = await reader.read())
    text += new TextDecoder().decode(part.value);
  const rows = text
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row));
  const last = rows.pop();
  logs = await stage.startLogs();
  assert.equal(last.type, 'error');
  // Whether its question had already arrived at the service that ends is chance.
  assert.ok(['unavailable', 'timeout'].includes(last.code), last.code);
  const rest = await (
    await fetch(`${address}&cursor=${last.cursor}`, { headers: { authorization: `Bearer ${TOKEN}` } })
  ).text();
  rows.push(
    ...rest
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row)),
  );
  assert.deepEqual(
    rows.map((item) => item.text.split(' w')[0]),
    numbers(0, 10_000),
  );
});

test('coverage of a node, over the gateway', async () => {
  const node = await stage.node();
  await node.send(numbered(0, 3), numbered(5, 3));
  await stage.handled();
  const { status, body } = await api('GET', `/api/logs/coverage?node=${node.id}`);
  assert.equal(status, 200);
  assert.deepEqual(body.items[0].held, [
    { from: 0, to: 3 },
    { from: 5, to: 8 },
  ]);
  assert.deepEqual(body.items[0].unknown, [{ from: 3, to: 5 }]);
});
