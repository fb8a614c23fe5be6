// Notifications when something is amiss: clocks that are wrong, events out of their order, rows that can't be told, choices
// and addresses that change, targets that are away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import { decider } from '#services/logs/notify/decide.ts';
import { addressVault } from '#services/logs/notify/sealed.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import { until } from '#test/harness/until.ts';
import { LONG_MS, ownNotifyStage, type StandIn, withStatus } from './notify-stage.ts';

const { stage, standIn } = ownNotifyStage();

const titles = ({ received }: StandIn) =>
  received.map(({ body }) => (JSON.parse(body.toString()) as { data: { title: string } }).data.title);
const nameOf = (node: string) => `node-${node.slice(0, 4)}`;
const alarms = (notification: string) =>
  stage().database.read((em) =>
    em.execute<{ key: string; standing: string }[]>(
      `select key, alarm->>'standing' as standing from notification_alarms where notification = ? order by key`,
      [notification],
    ),
  );
const HOUR = 3600_000;
const container = { stack: 'web', service: 'api', container: 'web-api-1', exitCode: null };
const atClock = (offsetMs: number) => ({ time: new Date(Date.now() + offsetMs).toISOString(), stack: 'web' });

test('nodes whose clocks are hours off are told of as others, and so is that they are well', async () => {
  const target = await standIn();
  const nodes = [newId(), newId()] as const;
  await stage().put('clocks', { kind: 'webhook', url: target.url, choice: { nodes: [...nodes] } });
  const offsets = [-48 * HOUR, 48 * HOUR] as const;
  const tell = async (action: string, offset: readonly number[]) => {
    for (const [index, node] of nodes.entries()) {
      await stage().tell(node, 'container-changed', { ...container, action }, atClock(offset[index] as number));
    }
  };
  await tell('unhealthy', offsets);
  await until(async () => (await alarms('clocks')).length === 2, LONG_MS, 'both to be heard');
  stage().forward(120);
  await until(() => target.received.length === 2, LONG_MS, 'both to be told');
  assert.deepEqual(titles(target).sort(), nodes.map((node) => `web on ${nameOf(node)} is unhealthy`).sort());
  // Set right meanwhile: the times of one node go backward.
  await tell('healthy', [...offsets].reverse());
  await until(() => target.received.length === 4, LONG_MS, 'both to be told as well');
});

test('an offline that is delivered again behind its online is no alarm', async () => {
  const target = await standIn();
  const node = newId();
  await stage().put('order', { kind: 'webhook', url: target.url, choice: { nodes: [node] } });
  const parts = {
    ...{
      bus: stage().gateway,
      database: stage().database,
      log: createLogger('test', 'silent'),
      publicUrl: null,
      newId,
    },
    vault: await addressVault(stage().nats.data),
    now: () => new Date(),
  };
  const { take, look } = decider(parts, () => {});
  const fact = (name: string): CloudEvent => ({
    ...{ specversion: '1.0', id: newId(), type: `dev.overseer.node.${name}.v1`, source: 'registry' },
    ...{ subject: `nodes/${node}`, time: new Date().toISOString(), datacontenttype: 'application/json' },
    data: { node: { id: node, name: 'nas' } },
  });
  const now = Date.now();
  await take(fact('online'), now - 1000);
  await take(fact('offline'), now - 2000);
  assert.deepEqual(await alarms('order'), [{ key: `node-offline ${node}`, standing: 'better' }]);
  // The control: one that is not late is an alarm.
  await take(fact('offline'), now);
  assert.equal((await alarms('order'))[0]?.standing, 'worse');
  await look();
});

test('an alarm that can not be told holds up no other, and is put off', async () => {
  const target = await standIn();
  const [broken, well] = [newId(), newId()];
  await stage().put('rows', { kind: 'webhook', url: target.url, choice: { nodes: [broken, well] } });
  for (const node of [broken, well]) await stage().tell(node, 'offline');
  await until(async () => (await alarms('rows')).length === 2, LONG_MS, 'both to be heard');
  await stage().database.transaction((em) =>
    em.execute(
      `update notification_alarms set alarm = 'null'::jsonb, due_at = due_at - interval '1 hour' where node = ?`,
      [broken],
    ),
  );
  stage().forward(120);
  await until(() => target.received.length > 0, LONG_MS, 'the other to be told');
  assert.deepEqual(titles(target), [`${nameOf(well)} is offline`]);
});

test('what a target wants to hear of no more is not told to it', async () => {
  const target = await standIn();
  const [left, kept] = [newId(), newId()];
  await stage().put('narrow', { kind: 'webhook', url: target.url, choice: { nodes: [left, kept] } });
  for (const node of [left, kept]) await stage().tell(node, 'offline');
  await until(async () => (await alarms('narrow')).length === 2, LONG_MS, 'both to be heard');
  await stage().put('narrow', { kind: 'webhook', choice: { nodes: [kept] } });
  assert.deepEqual(
    (await alarms('narrow')).map(({ key }) => key),
    [`node-offline ${kept}`],
  );
  stage().forward(120);
  await until(() => target.received.length > 0, LONG_MS, 'the one that it wants');
  assert.deepEqual(titles(target), [`${nameOf(kept)} is offline`]);
});

test('no secret follows an address to another host; addresses that can not be decoded are refused', async () => {
  const secret = 'a-secret-of-sixteen';
  await stage().put('moved', { kind: 'webhook', url: 'https://one.example/a', secret });
  assert.equal(await stage().put('moved', { kind: 'webhook', url: 'https://one.example/b' }), null);
  const elsewhere = { kind: 'webhook', url: 'https://two.example/a' } as const;
  await assert.rejects(stage().put('moved', elsewhere), { code: 'invalid-input' });
  assert.equal(
    (await stage().gateway.request('getNotification', {}, { name: 'moved' })).address,
    'https://one.example',
  );
  assert.equal(await stage().put('moved', { ...elsewhere, secret }), null);
  for (const [kind, url] of [
    ['webhook', 'https://a%zz:b@one.example/'],
    ['webhook', 'https://a:b%@one.example/'],
    ['ntfy', 'https://one.example/topic%zz'],
  ] as const) {
    await assert.rejects(stage().put('odd', { kind, url }), { code: 'invalid-input' }, url);
  }
});

test('what else a target that is away is owed waits with what it did not take', async () => {
  const target = await standIn();
  const nodes = Array.from({ length: 12 }, newId);
  const held: (() => void)[] = [];
  // Longer than any test waits.
  const refuse = withStatus(503, { 'retry-after': '3600' });
  target.answer = (response) => void held.push(() => refuse(response));
  await stage().put('away', { kind: 'webhook', url: target.url, choice: { nodes } });
  for (const node of nodes) await stage().tell(node, 'document-rejected', { reason: 'x', generation: null });
  const items = async () => (await stage().gateway.request('listDeliveries', {}, { name: 'away' })).items;
  await until(async () => (await items()).length === nodes.length, LONG_MS, 'all to be owed');
  await until(() => held.length === 4, LONG_MS, 'as many as are sent at a time');
  target.answer = refuse;
  for (const answer of held) answer();
  const tried = await until(
    async () => {
      const all = await items();
      return all.some(({ attempts }) => attempts > 0) ? all : null;
    },
    LONG_MS,
    'one to be refused',
  );
  const asked = new Set(target.received.map(({ headers }) => headers['overseer-delivery']));
  const others = tried.filter(({ id }) => !asked.has(id));
  assert.equal(others.length, nodes.length - 4);
  for (const { createdAt, nextTryAt } of others) {
    assert.ok(Date.parse(nextTryAt ?? '') >= Date.parse(createdAt) + 50_000, 'it is due at once');
  }
  target.answer = withStatus(200);
  await until(
    async () => {
      stage().forward(3600);
      return (await items()).every(({ state }) => state === 'delivered');
    },
    LONG_MS,
    'all to be taken',
  );
});
