// Pages of audit records.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageOf, readCursor } from '#services/audit/page.ts';
import type { AuditRow } from '#services/audit/store/entities.ts';
import { AuditList } from '#subjects/schema/audit.ts';

const id = 'a'.repeat(26);
const row = (sequence: number) =>
  ({
    sequence,
    ...{
      id,
      source: 'registry',
      action: 'node.remove',
      object: 'nodes/x',
      outcome: 'accepted',
      code: null,
      detail: {},
    },
    at: new Date(0),
    receivedAt: new Date(1),
    actor: { kind: 'operator', id: 'admin', requestId: id },
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

test('a page is what the contract says', () => assert.ok(AuditList.safeParse(pageOf([row(1)], 5)).success));

test('a cursor that does not come from here is refused', () => {
  assert.equal(readCursor(undefined), undefined);
  assert.equal(readCursor('12'), 12);
  for (const cursor of ['', '-1', '1; drop table audit_records', 'abc']) {
    assert.throws(() => readCursor(cursor), { code: 'invalid-input' });
  }
});
