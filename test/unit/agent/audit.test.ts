// What an agent records of what it does, and which checkpoints it takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeCheckpoint } from '#agent/audit/accept-checkpoint.ts';
import { commandDone, recordIn } from '#agent/audit/records.ts';
import { checkpointHash, signCheckpoint } from '#infra/audit/checkpoint.ts';
import { newSigningKey } from '#infra/signing/ed25519.ts';
import { AuditRecord } from '#subjects/schema/audit.ts';
import type { Checkpoint, SignedCheckpoint } from '#subjects/schema/checkpoint.ts';
import type { NodeEventBody } from '#subjects/schema/node-event.ts';

const [node, id, bootId, deployment] = ['n', 'i', 'b', 'd'].map((letter) => letter.repeat(26)) as [
  string,
  string,
  string,
  string,
];
const about = { stack: 'web', revision: 3, deployment };
const told = (body: NodeEventBody) => {
  const record = recordIn({ kind: 'event', at: '2026-01-01T00:00:00.000Z', bootId, body }, node, id);
  return record === null ? null : AuditRecord.parse(record);
};

const step = { ...about, step: 'up' };
const finished = { type: 'stack.step.finished', ...step, exitCode: 0, durationMs: 5 } as const;
const CASES: readonly [NodeEventBody, string | null][] = [
  [{ type: 'stack.step.started', ...step, why: 'new revision' }, 'stack.up stacks/web accepted'],
  [{ ...finished, outcome: 'ok', reason: null }, 'stack.up stacks/web succeeded'],
  [{ ...finished, outcome: 'failed', reason: 'no such image' }, 'stack.up stacks/web failed'],
  [{ type: 'secrets.opened', stack: 'web', secrets: [{ name: 'db', version: 2 }] }, 'secret.open stacks/web succeeded'],
  [{ type: 'images.pruned', count: 2, bytes: 9, reason: null }, 'image.prune images succeeded'],
  [{ type: 'document.rejected', reason: 'not signed', generation: null }, 'document.accept document refused'],
  [{ type: 'checkpoint.refused', reason: 'set back', number: 4 }, 'checkpoint.accept audit refused'],
  [{ type: 'agent.started', version: '1' }, 'agent.start agent succeeded'],
  [{ type: 'stack.step.output', ...step, lines: ['secret?'] }, null],
  [{ type: 'stack.settled', ...about, outcome: 'succeeded', reason: null, failure: null }, null],
  [{ type: 'stack.drifted', stack: 'web', items: [] }, null],
  [{ type: 'events.lost', from: 1, to: 2, reason: 'full' }, null],
];

for (const [body, expected] of CASES) {
  test(`${body.type} ${'outcome' in body ? body.outcome : ''} -> ${expected ?? 'nothing'}`, () => {
    const record = told(body);
    assert.equal(record && `${record.action} ${record.object} ${record.outcome}`, expected);
    if (record !== null) assert.deepEqual([record.actor.kind, record.actor.id], ['node', node]);
  });
}

test('a record is tied to its deployment, else to its boot; names and versions of secrets, and no more', () => {
  const started = told({ type: 'stack.step.started', ...step, why: 'x'.repeat(9000) });
  assert.equal(started?.actor.requestId, deployment);
  assert.equal(started?.detail['deployment'], deployment);
  assert.equal(String(started?.detail['why']).length, 500);
  const opened = told({ type: 'secrets.opened', stack: 'web', secrets: [{ name: 'db', version: 2 }] });
  assert.equal(opened?.actor.requestId, bootId);
  assert.deepEqual(opened?.detail, { secrets: 'db@2' });
  assert.equal(commandDone('prune', 'it has expired').code, 'forbidden');
});

const key = newSigningKey();
function checkpoint(number: number, before: SignedCheckpoint | null, given: Partial<Checkpoint> = {}, by = key) {
  const previous = before === null ? '0'.repeat(64) : checkpointHash(before.checkpoint);
  const at = '2026-01-01T00:00:00.000Z';
  const root = 'a'.repeat(64);
  return signCheckpoint(
    { kind: 'checkpoint', number, at, previous, root, partitions: 1, records: number * 10, ...given },
    by,
  );
}
const one = checkpoint(1, null);
const two = checkpoint(2, one);
const three = checkpoint(3, two);
const holding = (conflict: string | null, ...held: SignedCheckpoint[]) => ({
  key: held[0]?.key ?? null,
  held,
  conflict,
});

const JUDGED: readonly [string, ReturnType<typeof holding>, SignedCheckpoint, string][] = [
  ['the first', holding(null), one, 'keep'],
  ['the next', holding(null, one), two, 'keep'],
  ['the same again', holding(null, one, two), one, 'same'],
  ['one after some that were missed', holding(null, one), three, 'keep'],
  [
    'another of a number that is held',
    holding(null, one, two),
    checkpoint(2, one, { root: 'b'.repeat(64) }),
    'conflict',
  ],
  ['one that does not follow', holding(null, one, two), checkpoint(3, one), 'conflict'],
  ['an earlier number that is not held', holding(null, three), checkpoint(2, one), 'conflict'],
  ['fewer records', holding(null, one), checkpoint(9, three, { records: 1 }), 'conflict'],
  ['another key', holding(null, one), checkpoint(2, one, {}, newSigningKey()), 'stranger'],
  ['no signature', holding(null, one), { ...two, signature: 'A'.repeat(86) }, 'ignore'],
  ['a signature of another', holding(null, one), { ...three, checkpoint: two.checkpoint }, 'ignore'],
  ['after a conflict what follows', holding('broken', one), two, 'keep'],
  ['after a conflict what leaves some out', holding('broken', one), three, 'ignore'],
];

for (const [name, held, next, expected] of JUDGED) {
  test(`${name} -> ${expected}`, () => assert.equal(judgeCheckpoint(held, next).kind, expected));
}
