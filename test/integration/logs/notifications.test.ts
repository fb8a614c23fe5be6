// Notifications through a real bus, a real database and real sockets: signed, tried again, visible, damped, once decided
// and at least once delivered whatever is killed.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { until } from '#test/harness/until.ts';
import { LONG_MS, operator, ownNotifyStage, type Received, type StandIn, withStatus } from './notify-stage.ts';

const { stage, standIn } = ownNotifyStage();

const deliveries = async (name: string) => (await stage().gateway.request('listDeliveries', {}, { name })).items;
const jsonOf = ({ body }: Received) => JSON.parse(body.toString());
const titles = ({ received }: StandIn) => received.map((one) => jsonOf(one).data.title as string);
const rejected = (node: string, reason = 'x') => stage().tell(node, 'document-rejected', { reason, generation: null });
const idsOf = ({ received }: StandIn) => received.map(({ headers }) => headers['overseer-delivery']);

test('a webhook gets what it chose, once, signed; its secret is shown once and stands nowhere', async () => {
  const target = await standIn();
  const node = newId();
  const secret = await stage().put('ops', { kind: 'webhook', url: target.url, choice: { nodes: [node] } });
  assert.ok(secret && secret.length >= 32);
  await rejected(newId());
  await rejected(node, 'a signature');
  await until(() => target.received.length > 0, LONG_MS, 'the message');
  const [message] = target.received as [Received];
  // As docs/notifications.md tells it to a stranger.
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(message.headers['overseer-signature'])) ?? [];
  assert.equal(createHmac('sha256', secret).update(`${t}.`).update(message.body).digest('hex'), v1);
  assert.equal(jsonOf(message).specversion, '1.0');
  assert.equal(jsonOf(message).data.link, `https://core.example/nodes/${node}`);
  assert.match(jsonOf(message).data.title, /^node-.* refused its document$/);
  assert.equal(jsonOf(message).data.text, 'a signature');
  const settled = await until(
    async () => (await deliveries('ops')).find(({ state }) => state === 'delivered'),
    LONG_MS,
    'the delivery to be told',
  );
  assert.deepEqual([settled.id, settled.attempts, settled.lastStatus], [idsOf(target)[0], 1, 200]);
  assert.equal(target.received.length, 1);
  const again = await stage().put('ops', { kind: 'webhook', choice: { nodes: [node] } });
  assert.equal(again, null);
  const view = await stage().gateway.request('getNotification', {}, { name: 'ops' });
  assert.equal(view.address, new URL(target.url).origin);
  const seen = JSON.stringify(view) + (await stage().dump());
  // The control: the search finds what is not secret.
  assert.ok(seen.includes(view.address));
  for (const hidden of [secret, 's3cret-path']) assert.ok(!seen.includes(hidden), 'a secret stands in the database');
});

test('a target that fails is tried again under the same id until it takes it', async () => {
  const target = await standIn();
  target.answer = withStatus(500);
  const node = newId();
  await stage().put('flaky', { kind: 'webhook', url: target.url, choice: { nodes: [node] } });
  await rejected(node);
  const failed = await until(
    async () => (await deliveries('flaky')).find(({ lastError }) => lastError !== null),
    LONG_MS,
    'the failure to be told',
  );
  assert.deepEqual([failed.state, failed.lastStatus, failed.lastError], ['pending', 500, 'it answered 500']);
  assert.ok(failed.nextTryAt !== null);
  target.answer = withStatus(204);
  stage().forward(10);
  await until(async () => (await deliveries('flaky'))[0]?.state === 'delivered', LONG_MS, 'the second try');
  assert.deepEqual(new Set(idsOf(target)), new Set([failed.id]));
  assert.equal((await stage().gateway.request('getNotification', {}, { name: 'flaky' })).lastError, null);
});

test('after a day it is given up, shown, and taken up again by hand', async () => {
  const target = await standIn();
  target.answer = withStatus(302, { location: 'http://127.0.0.1:1/' });
  const node = newId();
  await stage().put('dead', { kind: 'webhook', url: target.url, choice: { nodes: [node] } });
  await rejected(node);
  const dead = await until(
    async () => {
      const [one] = await deliveries('dead');
      if (one?.state === 'dead') return one;
      stage().forward(3600);
      return null;
    },
    LONG_MS,
    'it to be given up',
  );
  assert.match(dead.lastError ?? '', /302; redirects are not followed/);
  assert.equal((await stage().gateway.request('getNotification', {}, { name: 'dead' })).dead, 1);
  target.answer = withStatus(200);
  await stage().gateway.request('retryDelivery', {}, { by: operator(), name: 'dead', id: dead.id });
  await until(async () => (await deliveries('dead'))[0]?.state === 'delivered', LONG_MS, 'the delivery');
  const unknown = { by: operator(), name: 'dead', id: newId() };
  await assert.rejects(stage().gateway.request('retryDelivery', {}, unknown), { code: 'not-found' });
});

test('targets that hang, close or answer without end hold up no other', async () => {
  const [hanging, closing, endless, well] = [await standIn(), await standIn(), await standIn(), await standIn()];
  hanging.answer = () => {};
  closing.answer = (response) => void response.destroy();
  endless.answer = (response) => {
    const more = () => {
      while (response.writable && response.write(Buffer.alloc(65_536)));
    };
    response.writeHead(200).on('drain', more);
    more();
  };
  const nodes = Array.from({ length: 12 }, newId);
  for (const [name, { url }] of Object.entries({ hanging, closing, endless, well })) {
    await stage().put(name, { kind: 'webhook', url, choice: { nodes } });
  }
  for (const node of nodes) await rejected(node);
  await until(() => new Set(idsOf(well)).size === nodes.length, LONG_MS, 'the well one to have all');
  assert.ok(hanging.received.length < nodes.length, 'the hanging one is asked a few at a time');
  const faultOf = (name: string) =>
    until(async () => (await deliveries(name)).find(({ lastError }) => lastError !== null)?.lastError, LONG_MS, name);
  assert.match(await faultOf('closing'), /the connection failed/);
  assert.match(await faultOf('endless'), /answered more than/);
  assert.match(await faultOf('hanging'), /did not answer within/);
});

test('forty flaps are one message, and one more when the node rests', async () => {
  const target = await standIn();
  const node = newId();
  await stage().put('calm', { kind: 'webhook', url: target.url, choice: { nodes: [node] } });
  for (let flap = 0; flap < 40; flap += 1) {
    await stage().tell(node, 'offline');
    await stage().tell(node, 'online');
  }
  const name = `node-${node.slice(0, 4)}`;
  await until(() => target.received.length > 0, LONG_MS, 'the first message');
  const isCounted = async () => {
    const rows = await stage().database.read((em) =>
      em.execute<{ untold: string }[]>(
        `select alarm->>'untold' as untold from notification_alarms where notification = 'calm'`,
      ),
    );
    return rows[0]?.untold === '36';
  };
  await until(isCounted, LONG_MS, 'all flaps to be counted');
  assert.deepEqual(titles(target), [`${name} is flapping: offline 4 times`]);
  stage().forward(700);
  await until(() => target.received.length > 1, LONG_MS, 'it to be steady');
  assert.deepEqual(titles(target).slice(1), [`${name} is steady again: online`]);
  assert.equal(jsonOf(target.received[1] as Received).data.count, 36);
});

test('offline is told when it lasts, through a restart of the service; its end too', async () => {
  const target = await standIn();
  const [node, short] = [newId(), newId()];
  await stage().put('nodes', { kind: 'webhook', url: target.url, choice: { nodes: [node, short] } });
  await stage().tell(node, 'offline');
  await stage().tell(short, 'offline');
  await stage().tell(short, 'online');
  const isHeard = async () => {
    const rows = await stage().database.read((em) =>
      em.execute<{ standing: string }[]>(
        `select alarm->>'standing' as standing from notification_alarms where notification = 'nodes' order by 1`,
      ),
    );
    return rows.map(({ standing }) => standing).join() === 'better,worse';
  };
  await until(isHeard, LONG_MS, 'the events to be decided on');
  await stage().stopService();
  assert.deepEqual(target.received, []);
  stage().forward(100);
  await stage().start();
  await until(() => target.received.length > 0, LONG_MS, 'the message');
  await stage().tell(node, 'online');
  await until(() => target.received.length > 1, LONG_MS, 'the end');
  const name = `node-${node.slice(0, 4)}`;
  assert.deepEqual(titles(target), [`${name} is offline`, `${name} is back online`]);
});

test('a service that is killed in the middle delivers all of it at least once, under stable ids', async () => {
  const target = await standIn();
  let answered = 0;
  target.answer = (response) => {
    answered += 1;
    // Half of them are taken, and nobody hears of it.
    if (answered % 2 === 0) response.destroy();
    else setTimeout(() => response.writeHead(200).end(), 20);
  };
  const nodes = Array.from({ length: 40 }, newId);
  await stage().put('cut', { kind: 'webhook', url: target.url, choice: { nodes } });
  await stage().stopService();
  const telling = (async () => {
    for (const node of nodes) await rejected(node);
  })();
  for (let kills = 0; kills < 3; kills += 1) {
    const kill = stage().startChild();
    const before = target.received.length;
    await until(() => target.received.length > before + 2, LONG_MS, 'messages on their way').finally(kill);
    // What the killed one held is due again.
    stage().forward(120);
  }
  await telling;
  await stage().start();
  target.answer = withStatus(200);
  await until(
    async () => {
      stage().forward(120);
      const all = await deliveries('cut');
      return all.length === nodes.length && all.every(({ state }) => state === 'delivered');
    },
    LONG_MS,
    'all of them',
  );
  const all = await deliveries('cut');
  assert.deepEqual(new Set(idsOf(target)), new Set(all.map(({ id }) => id)));
});

test('a test message tells what came of it; hostile addresses are refused', async () => {
  const target = await standIn();
  await stage().put('tried', { kind: 'slack', url: target.url });
  const test = (name: string) => stage().gateway.request('testNotification', {}, { by: operator(), name });
  assert.deepEqual(await test('tried'), { delivered: true, status: 200, error: null });
  assert.match(jsonOf(target.received[0] as Received).text, /A test of Overseer/);
  target.answer = withStatus(403);
  assert.deepEqual(await test('tried'), { delivered: false, status: 403, error: 'it answered 403' });
  for (const url of [
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://100.100.100.200/',
    'http://2852039166/',
  ]) {
    await assert.rejects(stage().put('hostile', { kind: 'webhook', url }), { code: 'invalid-input' }, url);
  }
  await assert.rejects(stage().put('topicless', { kind: 'ntfy', url: 'https://ntfy.example/' }), {
    code: 'invalid-input',
  });
  await assert.rejects(stage().put('new', { kind: 'slack' }), { code: 'invalid-input' });
  await assert.rejects(test('nobody'), { code: 'not-found' });
});

test('what changes is in the audit, without address or secret', async () => {
  const records = await until(
    async () => {
      const { messages } = await stage().gateway.history('AUDIT', 1, 5000);
      const found = messages.map(({ body }) => body as { action: string; detail: object });
      const actions = new Set(found.map(({ action }) => action));
      return ['put', 'remove', 'test', 'retry'].every((verb) => actions.has(`notification.${verb}`)) ? found : null;
    },
    LONG_MS,
    'every act to be recorded',
  );
  assert.ok(!JSON.stringify(records).includes('s3cret-path'));
});
