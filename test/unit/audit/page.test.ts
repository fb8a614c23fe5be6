// Pages of audit records.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonical } from '#infra/audit/chain.ts';
import { deploymentOf, labelsOf } from '#services/audit/labels.ts';
import { pageOf, readCursor } from '#services/audit/page.ts';
import type { AuditRow } from '#services/audit/store/entities.ts';
import { AuditList, type AuditRecord } from '#subjects/schema/audit.ts';

const id = 'a'.repeat(26);
const record: AuditRecord = {
  ...{
    kind: 'audit',
    id,
    at: new Date(0).toISOString(),
    action: 'node.remove',
    object: 'nodes/x',
    outcome: 'accepted',
  },
  actor: { kind: 'operator', id: 'admin', requestId: id },
  code: null,
  detail: {},
};
const row = (place: number) =>
  ({
    ...{ place, partition: 'registry', number: place, hash: Buffer.alloc(32, 7) },
    body: canonical({ record, receivedAt: new Date(1).toISOString() }),
  }) as AuditRow;

test('the cursor leads on only where more records are', () => {
  assert.deepEqual(
    pageOf([row(9), row(8), row(7)], 2).items.map(({ sequence }) => sequence),
    [9, 8],
  );
  assert.equal(pageOf([row(9), row(8), row(7)], 2).nextCursor, '8');
  assert.equal(pageOf([row(9), row(8)], 2).nextCursor, null);
  assert.equal(pageOf([], 2).nextCursor, null);
});

test('a page is what the contract says', () => {
  assert.ok(AuditList.safeParse(pageOf([row(1)], 5)).success);
  assert.equal(pageOf([{ ...row(1), partition: `node:${id}` }], 5).items[0]?.source, id);
});

test('a cursor that does not come from here is refused', () => {
  assert.equal(readCursor(undefined), undefined);
  assert.equal(readCursor('12'), 12);
  for (const cursor of ['', '-1', '1; drop table audit_records', 'abc']) {
    assert.throws(() => readCursor(cursor), { code: 'invalid-input' });
  }
});

test('what a record is found by: its deployment from its detail or its object, and no NUL', () => {
  const deployment = 'd'.repeat(26);
  assert.equal(deploymentOf({ object: 'stacks/web', detail: { deployment } }), deployment);
  assert.equal(deploymentOf({ object: `deployments/${deployment}`, detail: {} }), deployment);
  assert.equal(deploymentOf({ object: 'stacks/web', detail: { deployment: 'no id' } }), null);
  const labels = labelsOf({ record: { ...record, object: 'stacks/a\u0000b' }, receivedAt: new Date(5).toISOString() });
  assert.equal(labels.object, 'stacks/a\ufffdb');
  assert.equal(labels.receivedAt, '5');
});
