import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '#agent/outbox/recorder.ts';
import { Ledger } from '#agent/stacks/ledger.ts';
import { memoryStore } from '#agent/state/memory-store.ts';
import type { NodeEventBody } from '#subjects/schema/node-event.ts';
import { NOW } from './notation.ts';

const told = (ok: boolean) => ({ outcome: ok ? ('succeeded' as const) : ('failed' as const), reason: null });

function parts() {
  const store = memoryStore('e');
  let wakes = 0;
  const recorded = recorder({ spool: store.spool, bootId: 'b', now: () => NOW, onRecorded: () => void wakes++ });
  const ledger = new Ledger(store, recorded.announce);
  const settle = (deployment: string, ok: boolean, hash = 'h') =>
    ledger.settle('web', { ...{ hash, deployment, revision: 1, isStopped: false, ok }, ...told(ok) }, () =>
      recorded.prepared({
        type: 'stack.settled',
        stack: 'web',
        revision: 1,
        deployment,
        outcome: ok ? 'succeeded' : 'failed',
        reason: null,
        failure: null,
      }),
    );
  return { store, ledger, recorded, settle, wakes: () => wakes };
}

test('a deployment gets one outcome, whatever becomes of the stack later, and the sender is told of it', () => {
  const { store, ledger, settle, wakes } = parts();
  settle('d1', false);
  assert.equal(store.spool.count, 1);
  assert.equal(wakes(), 1);
  settle('d1', false);
  settle('d1', true);
  assert.equal(store.spool.count, 1);
  assert.equal(ledger.find('web')?.settled?.ok, true, 'it runs after all, and is judged so from now on');
  settle('d2', true);
  assert.equal(store.spool.count, 2, 'control: another deployment of the same version has its own');
});

test('an outcome comes after all that was told before it', () => {
  const { store, recorded, settle } = parts();
  recorded.recordSoon({ type: 'agent.started', version: 'first' });
  settle('d1', true);
  assert.equal(store.spool.oldest()?.event.body.type, 'agent.started');
  assert.equal(store.spool.count, 2);
});

test('what is remembered is found again', () => {
  const { store, ledger, settle } = parts();
  settle('d1', true);
  ledger.takenDown('db', { generation: 4, deployment: 'd9' }, null);
  const again = new Ledger(store, () => {});
  assert.ok(again.hasTold('web', 'h', 'd1'));
  assert.ok(again.hasTold('db', 'removed 4', 'd9'));
  assert.ok(!again.hasTold('db', 'removed 5', 'd9'));
});

test('a disk that takes nothing stops nobody: events wait in memory, and are written in order when it takes them', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const store = memoryStore('e');
  const disk: (string | null)[] = [];
  let isFull = true;
  const append = (...events: Parameters<typeof store.spool.append>) => {
    if (isFull) throw new Error('database or disk is full');
    store.spool.append(...events);
  };
  const spool = new Proxy(store.spool, { get: (real, key) => (key === 'append' ? append : Reflect.get(real, key)) });
  const onDisk = (failure: string | null) => void disk.push(failure);
  const recorded = recorder({ spool, bootId: 'b', now: () => NOW, onRecorded() {}, onDisk });
  for (let at = 0; at < 2010; at += 1) recorded.record({ type: 'agent.started', version: `v${at}` });
  recorded.recordSoon({ type: 'agent.started', version: 'soon' });
  t.mock.timers.tick(6_000);
  assert.equal(store.spool.count, 0);
  assert.ok(disk.every((failure) => failure === 'database or disk is full'));
  isFull = false;
  t.mock.timers.tick(6_000);
  const written: NodeEventBody[] = [];
  for (let next = store.spool.oldest(); next !== null; next = store.spool.oldest()) {
    written.push(next.event.body);
    store.spool.release(next.sequence);
  }
  assert.match(JSON.stringify(written[0]), /11 events could not be kept/);
  const versions = written.slice(1).map((body) => (body.type === 'agent.started' ? body.version : ''));
  assert.deepEqual(versions, [...Array.from({ length: 1999 }, (_, at) => `v${at + 11}`), 'soon']);
  assert.equal(disk.at(-1), null);
});
