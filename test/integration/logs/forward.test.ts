// Lines handed on to another engine, which refuses, hangs, goes away and comes back: each line at least once, none left out.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Stoppable } from '#infra/nats/bus.ts';
import { until } from '#test/harness/until.ts';
import { at, gap, numbered, SOON_MS, type Stage, startStage } from './stage.ts';

interface Taken {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: the form of another engine is what is tested
  readonly body: any;
}

/** Another engine: what it took, and how it answers next. */
interface Engine {
  readonly taken: Taken[];
  readonly url: string;
  asked: number;
  /** Null: never. */
  answer: (body: string) => { status: number; body: string } | null;
  stop(): Promise<void>;
}

const FINE = { status: 204, body: '' };

async function startEngine(port = 0): Promise<Engine> {
  const server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      const answer = engine.answer(text);
      engine.asked += 1;
      if (answer === null) return;
      if (answer.status < 300)
        engine.taken.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const engine: Engine = {
    taken: [],
    asked: 0,
    answer: () => FINE,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return engine;
}

let stage: Stage;
let loki: Engine;
let otlp: Engine;
let logs: Stoppable;
let environment: Record<string, string>;
before(async () => {
  stage = await startStage();
  [loki, otlp] = await Promise.all([startEngine(), startEngine()]);
  const headers = join(stage.nats.data, 'loki-headers');
  writeFileSync(headers, '# who we are\nAuthorization: Bearer a secret\nX-Scope-OrgID: team\n');
  environment = {
    ...{ OVERSEER_LOKI_URL: loki.url, OVERSEER_LOKI_HEADERS_FILE: headers },
    OVERSEER_OTLP_LOGS_URL: `${otlp.url}/custom/v1/logs`,
  };
  logs = await stage.startLogs(environment);
});
after(async () => {
  await stage?.stop();
  await Promise.all([loki?.stop(), otlp?.stop()]);
});

const status = () => stage.ask('logsStatus', {});
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);

function lokiLines(node: string): string[] {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const streams = loki.taken.flatMap(({ body }) => body.streams as any[]).filter(({ stream }) => stream.node === node);
  return streams.flatMap(({ values }) => values.map(([, text]: [string, string]) => text));
}

test('Loki has every line, with its labels and its time, and the gaps', async () => {
  const node = await stage.node();
  await node.send(numbered(0, 3), gap({ reason: 'rotated', rows: 4, from: String(at(2)) }), gap({ reason: 'engine' }));
  await until(() => lokiLines(node.id).length >= 5, SOON_MS, 'the lines');
  const { path, headers, body } = loki.taken.at(-1) ?? assert.fail();
  assert.equal(path, '/loki/api/v1/push');
  assert.equal(headers.authorization, 'Bearer a secret');
  assert.equal(headers['x-scope-orgid'], 'team');
  const labels = { node: node.id, stack: 'web', service: 'web', container: 'web-1' };
  assert.deepEqual(body.streams[0], {
    stream: { ...labels, stream: 'stdout' },
    values: [0, 1, 2].map((index) => [String(at(index)), `line ${index}`]),
  });
  assert.deepEqual(body.streams[1].stream, { ...labels, stream: 'gap' });
  assert.equal(body.streams[1].values[0][1], '4 lines are missing: rotated');
});

test('OTLP has every line, by the names of its conventions', async () => {
  const node = await stage.node();
  await node.send(numbered(0, 2));
  const found = await until(
    () =>
      otlp.taken
        .flatMap(({ path, body }) => (path === '/custom/v1/logs' ? body.resourceLogs : []))
        .find(({ resource }) => resource.attributes[0].value.stringValue === node.id),
    SOON_MS,
    'its lines',
  );
  const attributes = Object.fromEntries(
    // biome-ignore lint/suspicious/noExplicitAny: as above
    found.resource.attributes.map(({ key, value }: any) => [key, value.stringValue]),
  );
  assert.deepEqual(
    [attributes['service.name'], attributes['service.namespace'], attributes['host.id']],
    ['web', 'web', node.id],
  );
  const [{ logRecords } = assert.fail()] = found.scopeLogs;
  assert.deepEqual(
    // biome-ignore lint/suspicious/noExplicitAny: as above
    logRecords.map((record: any) => [record.timeUnixNano, record.body.stringValue]),
    [0, 1].map((index) => [String(at(index)), `line ${index}`]),
  );
});

test('an engine that is overloaded, hangs up, or goes away is tried again, and the fault is shown meanwhile', async () => {
  const node = await stage.node();
  loki.answer = () => ({ status: 503, body: 'too busy' });
  await node.send(numbered(0, 10));
  await until(async () => (await status()).faults?.['loki'] === '503 too busy', SOON_MS, 'the fault');
  const isAhead = async () => {
    const { counts } = await status();
    return (counts['lokiPosition'] ?? 0) < (counts['otlpPosition'] ?? 0);
  };
  await until(isAhead, SOON_MS, 'the other target, which nothing holds up');
  const { port } = new URL(loki.url);
  await loki.stop();
  await node.send(numbered(10, 10));
  await until(
    async () => /ECONN|socket/.test((await status()).faults?.['loki'] ?? ''),
    SOON_MS,
    'the connection to fail',
  );
  loki = await startEngine(Number(port));
  await until(() => lokiLines(node.id).length >= 20, SOON_MS, 'all lines');
  assert.deepEqual(new Set(lokiLines(node.id)), new Set(numbers(0, 20)));
  await until(async () => (await status()).faults === undefined, SOON_MS, 'the fault to be over');
});

test('lines that are refused for good are left out alone, counted and told', async () => {
  const node = await stage.node();
  const before = (await status()).counts['lokiRefused'] ?? 0;
  loki.answer = (text) => (text.includes('line 666') ? { status: 400, body: 'entry too far behind' } : FINE);
  await node.send(numbered(0, 5), numbered(666, 1), numbered(700, 5));
  await until(() => lokiLines(node.id).length >= 10, SOON_MS, 'the other lines');
  assert.deepEqual(new Set(lokiLines(node.id)), new Set([...numbers(0, 5), ...numbers(700, 705)]));
  assert.equal((await status()).counts['lokiRefused'], before + 1);
  loki.answer = () => FINE;
});

test('over restarts and with a second replica each line is handed on, and the position stays', async () => {
  const node = await stage.node();
  let other = await stage.startLogs(environment);
  for (let round = 0; round < 4; round += 1) {
    await node.send(numbered(round * 10, 10));
    await logs.stop();
    logs = other;
    other = await stage.startLogs(environment);
  }
  await until(() => new Set(lokiLines(node.id)).size === 40, SOON_MS, 'all lines');
  await other.stop();
  // An engine that hangs does not keep the service from ending.
  loki.answer = () => null;
  const { asked } = loki;
  await node.send(numbered(40, 1));
  await until(() => loki.asked > asked, SOON_MS, 'it to be asked');
  await logs.stop();
  loki.answer = () => FINE;
  logs = await stage.startLogs(environment);
  await until(() => lokiLines(node.id).includes('line 40'), SOON_MS, 'the line that hung');
});

test('headers that can not be read are a fault that says nothing of what they hold', async () => {
  const file = environment['OVERSEER_LOKI_HEADERS_FILE'] ?? '';
  writeFileSync(file, 'a secret without a name');
  const node = await stage.node();
  await node.send(numbered(0, 1));
  const fault = await until(async () => (await status()).faults?.['loki'], SOON_MS, 'the fault');
  assert.match(fault, /no header/);
  assert.doesNotMatch(fault, /secret/);
  rmSync(file);
  await until(async () => /can't be read/.test((await status()).faults?.['loki'] ?? ''), SOON_MS, 'the other fault');
  writeFileSync(file, 'Authorization: Bearer a secret\n');
  await until(() => lokiLines(node.id).length === 1, SOON_MS, 'the line');
});
