// The audit service on a real bus and database: every record once, newest first, and nobody changes one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { chainingNode } from '#test/harness/node-audit.ts';
import { recordOf, type Stage, setStage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await setStage();
});
after(() => stage?.stop());

test('a record is kept once however often it comes, with the source that the bus enforced', async () => {
  const record = recordOf('stacks/once');
  for (let time = 0; time < 3; time++) await stage.emit(record);
  await stage.emit(recordOf('stacks/after'));
  await stage.untilKept('stacks/after', 1);
  const { items } = await stage.list({ object: 'stacks/once' });
  assert.equal(items.length, 1);
  const { sequence, source, receivedAt, partition, number, hash, fault, ...kept } = items[0] ?? {};
  assert.deepEqual(kept, record);
  assert.deepEqual([source, partition, fault, number], ['gateway', 'gateway', null, 1]);
  assert.ok(Number.isInteger(sequence) && /^[0-9a-f]{64}$/.test(hash ?? '') && Date.parse(receivedAt ?? '') > 0);
});

test("a node's record stands under the node's name", async () => {
  const chain = chainingNode(newId());
  const { node } = chain;
  const registry = await stage.nats.connect('registry');
  const detail = { publicKey: chain.publicKey };
  const enrolled = recordOf(`nodes/${node}`, { action: 'node.register', detail });
  await registry.emit('auditRecord', { service: 'registry' }, enrolled);
  const agent = await stage.nats.connect('node', node);
  const entry = chain.next({ object: `stacks/of-${node}` });
  await agent.emit('nodeAudit', { node }, entry, { position: { epoch: newId(), sequence: 1 } });
  await stage.untilKept(`stacks/of-${node}`, 1);
  const [kept] = (await stage.list({ object: `stacks/of-${node}` })).items;
  assert.deepEqual([kept?.source, kept?.partition, kept?.fault], [node, `node:${node}`, null]);
});

test('newest first, in pages that meet without a gap, by action too', async () => {
  for (let number = 0; number < 7; number++) await stage.emit(recordOf('stacks/many', { action: 'stack.remove' }));
  await stage.untilKept('stacks/many', 7);
  const sequences: number[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: { sequence: number }[]; nextCursor: string | null } = await stage.list({
      ...{ object: 'stacks/many', action: 'stack.remove', limit: 3 },
      ...(cursor === null ? {} : { cursor }),
    });
    sequences.push(...page.items.map(({ sequence }) => sequence));
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.equal(sequences.length, 7);
  assert.deepEqual(
    sequences,
    sequences.toSorted((a, b) => b - a),
  );
  await assert.rejects(stage.list({ cursor: 'nonsense' }), { code: 'invalid-input' });
});

test('who asked, the call and the deployment find their records', async () => {
  const [request, deployment] = [newId(), newId()];
  const actor = { kind: 'operator', id: 'someone', requestId: request } as const;
  await stage.emit(recordOf('stacks/traced', { actor, detail: { deployment } }));
  await stage.emit(recordOf(`deployments/${deployment}`, { action: 'deployment.cancel' }));
  await stage.untilKept(`deployments/${deployment}`, 1);
  const objects = async (filter: object) => (await stage.list(filter)).items.map(({ object }) => object);
  assert.deepEqual(await objects({ actor: 'someone' }), ['stacks/traced']);
  assert.deepEqual(await objects({ request }), ['stacks/traced']);
  assert.deepEqual(await objects({ deployment }), [`deployments/${deployment}`, 'stacks/traced']);
});

test('the database refuses to change, remove or empty, even to a session that silences triggers', async () => {
  await stage.emit(recordOf('stacks/guarded'));
  await stage.untilKept('stacks/guarded', 1);
  const before = await stage.list({ limit: 1000 });
  const attempts = [
    `update audit_chain set object = 'stacks/other'`,
    'delete from audit_chain',
    'truncate audit_chain',
  ];
  for (const attempt of attempts) {
    for (const prelude of ['', 'set local session_replication_role = replica']) {
      const attacking = stage.owner.transaction(async (em) => {
        if (prelude !== '') await em.execute(prelude, [], 'run');
        await em.execute(attempt, [], 'run');
      });
      await assert.rejects(attacking, /only ever added/, `${prelude} ${attempt}`);
    }
  }
  assert.deepEqual(await stage.list({ limit: 1000 }), before);
});

test('control: an ordinary trigger would have been silenced', async () => {
  const rows = await stage.owner
    .transaction(async (em) => {
      await em.execute('alter table audit_chain enable trigger audit_refuse_change', [], 'run');
      await em.execute('set local session_replication_role = replica', [], 'run');
      await em.execute('delete from audit_chain', [], 'run');
      const left = await em.execute<{ n: string }[]>('select count(*) as n from audit_chain');
      throw Object.assign(new Error('rolled back'), { left });
    })
    .catch((error: Error & { left?: { n: string }[] }) => error.left);
  assert.equal(Number(rows?.[0]?.n), 0);
  assert.ok((await stage.list({})).items.length > 0, 'the control was rolled back');
});

test('the status counts what is kept, and says that the service may only add', async () => {
  const before = (await stage.gateway.request('auditStatus', {}, {})).counts;
  await stage.emit(recordOf('stacks/last'));
  await stage.untilKept('stacks/last', 1);
  const { service, counts } = await stage.gateway.request('auditStatus', {}, {});
  assert.equal(service, 'audit');
  assert.equal(counts['records'], (before['records'] ?? 0) + 1);
  assert.equal(counts['restricted'], 1);
});
