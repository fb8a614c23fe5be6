// Bodies above a message's ceiling on a real server: packed between core and node both ways, and refused by their size
// when even that is too much.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { newId } from '#infra/ids.ts';
import type { Bus, DeadLetter, Delivery, InputOf, OutputOf } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';
import { Wire } from '#test/integration/rights/wire.ts';
import { fails } from './bodies.ts';
import { reportOf } from './reports.ts';

let bus: TestBus;
let registry: Bus;
let scheduler: Bus;
let gateway: Bus;
before(async () => {
  bus = await startTestBus();
  [registry, scheduler, gateway] = await Promise.all([
    bus.connect('registry'),
    bus.connect('scheduler'),
    bus.connect('gateway'),
  ]);
});
after(() => bus.stop());

const TEXT = Array.from({ length: 40_000 }, (_, index) => `  service-${index}: { image: busybox }\n`).join('');
const NOISE = randomBytes(1_500_000).toString('base64');

const revisionOf = (text: string): OutputOf<'getRevision'> => ({
  ...{ revision: 1, hash: 'f'.repeat(64), createdAt: new Date(0).toISOString(), createdBy: 'x', deployment: null },
  ...{ commit: null, compose: text, files: { 'a.txt': text }, env: [] },
});

test('an answer of some megabytes arrives; one that can not says so with its sizes', async () => {
  let text = TEXT;
  const server = scheduler.serve('getRevision', async () => revisionOf(text));
  await scheduler.flush();
  const ask = () => gateway.request('getRevision', {}, { name: 'web', revision: 1 });
  assert.ok(JSON.stringify(revisionOf(TEXT)).length > 2 * 1024 * 1024);
  assert.deepEqual(await ask(), revisionOf(TEXT));
  text = NOISE;
  await assert.rejects(ask(), (error) => {
    assert.ok(error instanceof OverseerError && error.code === 'too-large', String(error));
    assert.match(error.message, /getRevision has \d+ bytes, \d+ compressed; it may have \d+/);
    assert.ok(Number(error.fields['actual']) > 2_000_000 && Number(error.fields['limit']) < 1024 * 1024);
    return true;
  });
  text = 'small again';
  assert.equal((await ask()).compose, 'small again');
  await server.stop();
});

test('a question above the ceiling reaches a node, and its answer the core', async () => {
  const [id, nonce] = [newId(), newId()];
  const node = await bus.connect('node', id);
  const change = { service: 'web', container: null, change: 'create' as const, reasons: [] };
  const preview = { kind: 'preview' as const, steps: [], changes: Array(30_000).fill(change), fault: null };
  const seen: InputOf<'preview'>[] = [];
  node.serve(
    'preview',
    async (command) => {
      seen.push(command);
      return preview;
    },
    { node: id, nonce },
  );
  await node.flush();
  const stack: InputOf<'preview'>['stack'] = {
    ...{ name: 'web', revision: 1, deployment: null, hash: 'f'.repeat(64), compose: TEXT, files: { 'a.txt': TEXT } },
    ...{ env: {}, state: 'running', stabilitySeconds: 1, healthTimeoutSeconds: 1, profiles: [], scale: {} },
    ...{ drift: 'report', rollback: true, secrets: [], pins: {}, place: null },
  };
  const at = new Date().toISOString();
  const command = { kind: 'command', id: newId(), node: id, verb: 'preview', expiresAt: at, signature: 'x' } as const;
  const answer = await scheduler.request('preview', { node: id, nonce }, { ...command, stack });
  assert.deepEqual(seen, [{ ...command, stack }]);
  assert.deepEqual(answer, preview);
  await assert.rejects(
    scheduler.request('preview', { node: id, nonce }, { ...command, stack: { ...stack, compose: NOISE } }),
    fails('too-large'),
  );
  await node.close();
});

test('2,000 containers are one report; what is hostile is set aside, and the next one comes through', async () => {
  const id = newId();
  const seen: Delivery<'nodeReport'>[] = [];
  const letters: DeadLetter[] = [];
  const receiving = registry.consume('nodeReport', {
    handle: async (delivery) => void seen.push(delivery),
    deadLetter: async (letter) => void letters.push(letter),
  });
  const node = await bus.connect('node', id);
  const report = reportOf(2_000);
  assert.ok(JSON.stringify(report).length > 512 * 1024);
  await node.emit('nodeReport', { node: id }, report);
  await until(() => seen.length === 1, 10_000, 'the report');
  assert.deepEqual(seen[0]?.body, report);
  await assert.rejects(node.emit('nodeReport', { node: id }, reportOf(9_000)), fails('too-large'));

  const wire = await Wire.open(bus.servers[0] as string, bus.ca, bus.mint('node', id));
  const packed = zstdCompressSync(JSON.stringify(report));
  const bomb = zstdCompressSync(Buffer.alloc(100_000_000));
  const size = String(JSON.stringify(report).length);
  const hostile: [Uint8Array, Record<string, string>][] = [
    [packed, { 'Overseer-Encoding': 'zstd' }],
    [packed, { 'Overseer-Encoding': 'br', 'Overseer-Size': size }],
    [packed.subarray(0, 5_000), { 'Overseer-Encoding': 'zstd', 'Overseer-Size': size }],
    [bomb, { 'Overseer-Encoding': 'zstd', 'Overseer-Size': '100000000' }],
    [bomb, { 'Overseer-Encoding': 'zstd', 'Overseer-Size': size }],
  ];
  for (const [index, [payload, headers]] of hostile.entries()) {
    wire.publish(`overseer.up.${id}.report`, { payload, headers });
    await until(() => letters.length === index + 1, 10_000, `letter ${index + 1}`);
  }
  wire.publish(`overseer.up.${id}.report`, {
    payload: packed,
    headers: { 'Overseer-Encoding': 'zstd', 'Overseer-Size': size },
  });
  await until(() => seen.length === 2, 10_000, 'the good one after them');
  assert.deepEqual(
    letters.map(({ reason }) => reason),
    [
      'packed without its size',
      'packed in an unknown way',
      'can not be unpacked to the size it tells',
      'larger than it may be when unpacked',
      'can not be unpacked to the size it tells',
    ],
  );
  await receiving.stop();
  wire.close();
  await node.close();
});

test('a node that packs its hello is refused', async () => {
  const id = newId();
  let handled = 0;
  const server = registry.serve('hello', async () => {
    handled += 1;
    throw new OverseerError('conflict', 'no');
  });
  await registry.flush();
  const wire = await Wire.open(bus.servers[0] as string, bus.ca, bus.mint('node', id));
  wire.subscribe(`_INBOX.${id}.>`);
  wire.publish(`overseer.svc.${id}.registry.hello`, {
    payload: zstdCompressSync('{}'),
    headers: { 'Overseer-Encoding': 'zstd', 'Overseer-Size': '2' },
    reply: `_INBOX.${id}.x`,
  });
  await until(() => wire.heard.length === 1, 5_000, 'a refusal');
  assert.match(wire.heard[0]?.payload.toString() ?? '', /may not be packed/);
  assert.equal(handled, 0);
  wire.close();
  await server.stop();
});
