import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorder } from '#agent/outbox/recorder.ts';
import { Ledger } from '#agent/stacks/ledger.ts';
import { memoryStore } from '#agent/state/memory-store.ts';
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
