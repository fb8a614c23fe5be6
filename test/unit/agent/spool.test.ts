import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { startDrain } from '#agent/outbox/drain.ts';
import { gatherOutput } from '#agent/outbox/step-output.ts';
import { newRecord } from '#agent/stacks/model.ts';
import { openStore } from '#agent/state/disk-store.ts';
import { memorySpool } from '#agent/state/memory-store.ts';
import type { AgentStore, Spool } from '#agent/state/store.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { NodeEvent, NodeEventBody } from '#subjects/schema/node-event.ts';
import { until } from '#test/harness/until.ts';

let folder: string;
let stores: AgentStore[] = [];
let epochs = 0;

beforeEach(() => {
  folder = mkdtempSync('/tmp/ovs-spool-');
});
afterEach(() => {
  for (const store of stores) store.close();
  stores = [];
  rmSync(folder, { recursive: true, force: true });
});

const warnings: string[] = [];
const log = { warn: (_: object, text: string) => void warnings.push(text) };

function open(limits = { bytes: 1e6, events: 1000 }): AgentStore {
  const store = openStore(`${folder}/state.db`, {
    newEpoch: () => {
      epochs += 1;
      return `epoch-${epochs}`;
    },
    limits,
    log,
  });
  stores.push(store);
  return store;
}

function closed(store: AgentStore): void {
  store.close();
  stores = stores.filter((other) => other !== store);
}

const event = (body: NodeEventBody): NodeEvent => ({
  kind: 'event',
  at: '2026-01-01T00:00:00.000Z',
  bootId: 'b'.repeat(26),
  body,
});
const fact = (version: string) => event({ type: 'agent.started', version });
const output = (line: string) =>
  event({ type: 'stack.step.output', stack: 's', revision: 1, deployment: null, step: 'up', lines: [line] });

function all(spool: Spool): { sequence: number; event: NodeEvent }[] {
  const found = [];
  for (let next = spool.oldest(); next !== null; next = spool.oldest()) {
    found.push(next);
    spool.release(next.sequence);
  }
  return found;
}

test('numbers count by one, go on over a restart and are never given twice', () => {
  let store = open();
  const { epoch } = store.spool;
  store.spool.append(fact('1'), fact('2'));
  assert.deepEqual(
    all(store.spool).map(({ sequence }) => sequence),
    [1, 2],
  );
  closed(store);
  store = open();
  store.spool.append(fact('3'));
  assert.equal(store.spool.epoch, epoch);
  assert.deepEqual(
    all(store.spool).map(({ sequence }) => sequence),
    [3],
  );
});

for (const [kind, make] of [
  ['on disk', () => open({ bytes: 1e6, events: 100 }).spool],
  ['in memory', () => memorySpool('e', { events: 100 })],
] as const) {
  test(`a full spool ${kind} drops output first, never what is on its way, and says how much`, () => {
    const spool = make();
    spool.append(output('on its way'));
    for (let i = 0; i < 60; i++) spool.append(fact(String(i)), output(String(i)));
    assert.ok(spool.isFull);
    const kept = all(spool);
    assert.ok(kept.length <= 101);
    assert.equal(kept[0]?.sequence, 1);
    assert.equal(kept.filter((spooled) => spooled.event.body.type === 'agent.started').length, 60);
    const losses = kept.flatMap(({ event: { body } }) => (body.type === 'events.lost' ? [body] : []));
    const present = new Set(kept.map(({ sequence }) => sequence));
    const last = kept.at(-1)?.sequence ?? 0;
    const missing = Array.from({ length: last }, (_, i) => i + 1).filter((sequence) => !present.has(sequence));
    assert.ok(missing.length > 0, 'control: something was dropped');
    for (const sequence of missing) assert.ok(losses.some(({ from, to }) => from <= sequence && sequence <= to));
    const counted = losses.reduce((sum, { reason }) => sum + Number.parseInt(reason, 10), 0);
    assert.equal(counted, missing.length);
  });
}

test('a spool that is full by bytes drops too', () => {
  const { spool } = open({ bytes: 200_000, events: 10_000 });
  for (let i = 0; i < 500; i++) spool.append(output('x'.repeat(1000)));
  assert.ok(spool.count > 100 && spool.count < 200, String(spool.count));
});

test('an outcome and its event are kept together', () => {
  let store = open();
  const record = { ...newRecord('web'), settled: { deployment: 'd', hash: 'h', ok: true } };
  store.settle(record, fact('settled'));
  store.keepObservedGeneration(7);
  closed(store);
  store = open();
  assert.deepEqual(store.records(), [record]);
  assert.equal(store.observedGeneration(), 7);
  assert.equal(store.spool.count, 1);
});

test('a database that is none any more is set aside and a new spool begun', () => {
  const { epoch } = open().spool;
  for (const store of stores) store.close();
  stores = [];
  for (const suffix of ['-wal', '-shm']) rmSync(`${folder}/state.db${suffix}`, { force: true });
  writeFileSync(`${folder}/state.db`, 'rubbish'.repeat(10_000));
  const store = open();
  assert.notEqual(store.spool.epoch, epoch);
  assert.equal(warnings.length, 1);
});

test('events are sent one at a time in order, again after failures, and not again once they are stored', async () => {
  const spool = memorySpool('e');
  const seen: string[] = [];
  let tries = 0;
  let inFlight = 0;
  const bus = {
    isConnected: true,
    async emit(_: unknown, __: unknown, sent: NodeEvent, options: { position: { sequence: number } }) {
      inFlight += 1;
      assert.equal(inFlight, 1);
      await new Promise(setImmediate);
      inFlight -= 1;
      tries += 1;
      if (tries === 2) throw new OverseerError('rate-limited', 'full');
      const { body } = sent;
      if (body.type === 'agent.started' && body.version === 'never') throw new OverseerError('too-large', 'no');
      seen.push(`${options.position.sequence}`);
      return 1;
    },
  };
  const refused: number[] = [];
  spool.append(fact('1'), fact('2'), fact('never'), fact('4'));
  const drain = startDrain({
    what: 'event',
    spool,
    emit: (link, { sequence, event }) =>
      link.emit('nodeEvent', { node: 'n' }, event, { position: { epoch: spool.epoch, sequence } }),
    bus: () => bus as never,
    log: { warn() {} } as never,
    random: () => 0,
    onRefused: ({ sequence }) => refused.push(sequence),
  });
  await until(() => spool.count === 0, 5_000, 'the spool to be empty');
  spool.append(fact('5'));
  drain.wake();
  await until(() => spool.count === 0, 5_000, 'the spool to be empty again');
  await drain.stop();
  assert.deepEqual(seen, ['1', '2', '4', '5']);
  assert.deepEqual(refused, [3]);
});

test('output is handed on in bounded pieces, all of it, in order', () => {
  const pieces: string[][] = [];
  const gatherer = gatherOutput((lines) => pieces.push(lines));
  for (let i = 0; i < 450; i++) gatherer.line(`line ${i}`);
  gatherer.line('');
  gatherer.end();
  assert.deepEqual(
    pieces.flat(),
    Array.from({ length: 450 }, (_, i) => `line ${i}`),
  );
  assert.ok(pieces.every((lines) => lines.length <= 200));
});

test('output without end is cut, and that is said', () => {
  const pieces: string[][] = [];
  const gatherer = gatherOutput((lines) => pieces.push(lines));
  for (let i = 0; i < 6000; i++) gatherer.line(`line ${i}`);
  gatherer.end();
  assert.equal(pieces.flat().length, 5001);
  assert.equal(pieces.flat().at(-1), '(1000 further lines were left out)');
});
