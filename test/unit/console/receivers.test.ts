// Notifications, readers and the audit in the console: what is sent, and what is said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRecord, AuditVerification, Notification } from '#clients/console/api/shapes.ts';
import { faultWords, verdictWords, withRecords, witnessWords } from '#clients/console/history/audit-records.ts';
import {
  CONDITIONS,
  choiceWords,
  draftOf,
  specOf,
  standing,
} from '#clients/console/notifications/notification-draft.ts';
import { readerCommand } from '#clients/console/readers/reader-command.ts';
import * as contract from '#subjects/schema/notification.ts';

const held: Notification = {
  ...{ name: 'on-call', kind: 'ntfy', address: 'https://ntfy.sh', hasSecret: true },
  choice: { conditions: ['node-offline'], nodes: ['a'.repeat(26)], stacks: ['web'], minimumSeverity: 'error' },
  thresholds: { offlineSeconds: 300, flaps: { count: 6, withinSeconds: 60 } },
  ...{ createdAt: '2026-11-29T00:00:00Z', updatedAt: '2026-11-29T00:00:00Z', updatedBy: 'admin' },
  ...{ pending: 0, dead: 0, lastDeliveredAt: null, lastError: null },
};

test('a target of messages that was not touched is sent as it was, and as the contract has it', () => {
  const { kind, choice, thresholds } = held;
  assert.deepEqual(specOf(draftOf(held), held), { kind, choice, thresholds });
  const fresh = specOf(
    { ...draftOf(null), url: ' https://a.example/x ', secret: 'long-enough', quietSeconds: '60' },
    null,
  );
  assert.deepEqual(fresh, {
    ...{ kind: 'webhook', url: 'https://a.example/x', secret: 'long-enough' },
    choice: { minimumSeverity: 'warning' },
    thresholds: { quietSeconds: 60 },
  });
  for (const spec of [fresh, specOf(draftOf(held), held)]) assert.ok(contract.NotificationSpec.safeParse(spec).success);
  assert.deepEqual(CONDITIONS.map(([condition]) => condition).toSorted(), [...contract.CONDITIONS].sort());
});

test('what a target is told of, and how it stands', () => {
  assert.equal(choiceWords(held.choice), 'node offline; 1 node; of web');
  assert.equal(choiceWords({}), 'warnings and errors');
  for (const [more, expected] of [
    [{}, ['created', 'nothing sent yet']],
    [{ lastDeliveredAt: held.createdAt }, ['ok', 'delivers']],
    [{ pending: 2 }, ['waiting', '2 on the way']],
    [{ dead: 1, pending: 2 }, ['given', '1 given up']],
    [{ dead: 1, lastError: 'HTTP 500' }, ['failed', 'failing']],
  ] as const) {
    assert.deepEqual(standing({ ...held, ...more }), expected);
  }
});

test('the command that makes a reader', () => {
  const draft = { name: ' wall ', role: 'events', nodes: ['nas', 'pi'], days: '30' } as const;
  assert.equal(
    readerCommand(draft),
    'overseer reader create wall --role events --node nas --node pi --days 30 --out wall.creds',
  );
  assert.equal(
    readerCommand({ ...draft, name: '', role: 'audit', days: ' ' }),
    'overseer reader create NAME --role audit --out NAME.creds',
  );
});

test('audit records are each held once, the newest first, and no more than a page can hold', () => {
  const record = (id: number) => ({ id: `r${id}` }) as AuditRecord;
  const ids = (records: readonly AuditRecord[]) => records.map(({ id }) => Number(id.slice(1)));
  assert.deepEqual(
    ids(withRecords([record(2), record(1)], [record(2), record(3), record(4), record(3)])),
    [4, 3, 2, 1],
  );
  const many = Array.from({ length: 2000 }, (_, at) => record(at));
  assert.equal(withRecords(many, [record(9999)]).length, 2000);
  assert.equal(withRecords([...many, record(5000)], [record(9999)]).length, 2001);
});

test('what a verification found, in words', () => {
  const result: AuditVerification = {
    ...{ valid: true, first: null, faults: [], records: 12, checkpoints: 1, newest: null, isRestricted: true },
    agents: { asked: 2, answered: 2, silent: [], claims: [] },
  };
  assert.equal(verdictWords(result), 'All 12 records and 1 checkpoint are as they were written.');
  assert.equal(witnessWords(result), '2 of 2 nodes answered and agree with the rest.');
  assert.equal(
    witnessWords({ ...result, agents: { asked: 1, answered: 0, silent: ['a'], claims: [] } }),
    '0 of 1 node answered, 1 did not.',
  );
  assert.match(witnessWords({ ...result, agents: null }), /^No node was asked/);
  const fault = { partition: 'core', number: 7, kind: 'missing', detail: 'after 6 comes 8' } as const;
  assert.equal(faultWords(fault), 'Record 7 of core is missing. after 6 comes 8');
  assert.equal(
    faultWords({ ...fault, kind: 'checkpoint-changed' }),
    'Checkpoint 7: a checkpoint was changed. after 6 comes 8',
  );
  assert.equal(verdictWords({ ...result, valid: false, faults: [fault] }), '1 fault in 12 records and 1 checkpoint.');
});
