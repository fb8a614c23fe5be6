// Nodes that are there: configured, listed, their credentials, and their end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { credentialOf, userKey } from '#infra/nats/credentials.ts';
import { signBytes } from '#infra/signing/ed25519.ts';
import { until } from '#test/harness/until.ts';
import { type EnrolledNode, facts, operator, type RegistryCore, SOON_MS, startRegistryCore } from './core.ts';

let core: RegistryCore;
before(async () => {
  core = await startRegistryCore();
});
after(() => core?.stop());

const request = (): Bus['request'] => core.gateway.request;
const configure = (id: string, config: object) => request()('configureNode', {}, { by: operator(), id, config });
const remove = (id: string) => request()('removeNode', {}, { by: operator(), id });
const factsOf = async (node: string) =>
  (await core.stored('EVENTS'))
    .filter((message) => message.parameters['node'] === node)
    .map((m) => m.parameters['fact']);
const helloOf = (nonce = newId()) => ({ kind: 'hello', agentVersion: '1.0.1', bootId: newId(), nonce, facts }) as const;

function reauthentication(node: EnrolledNode, at: Date) {
  const text = `${node.id}\n${at.toISOString()}`;
  const proof = signBytes('reauthentication', Buffer.from(text), userKey(node.seed).privateKey).toString('base64url');
  return { by: operator(), reauthentication: { node: node.id, at: at.toISOString(), proof } };
}

test('a change is told once; the same again is not', async () => {
  const node = await core.enroll('configured');
  const changed = await configure(node.id, { labels: { zone: 'b' }, heartbeatSeconds: 5, paused: true });
  assert.deepEqual([changed.labels, changed.heartbeatSeconds, changed.paused], [{ zone: 'b' }, 5, true]);
  await configure(node.id, { labels: { zone: 'b' }, paused: true });
  await configure(node.id, { drained: true });
  const told = await until(
    async () => {
      const found = await factsOf(node.id);
      return found.length >= 3 ? found : null;
    },
    SOON_MS,
    'three facts',
  );
  assert.deepEqual(told, ['registered', 'updated', 'updated']);
});

test('a name that another node has is refused; of two who want it one gets it', async () => {
  const [first, second] = [await core.enroll('one'), await core.enroll('two')];
  await assert.rejects(configure(second.id, { name: 'one' }), { code: 'name-taken' });
  const outcomes = await Promise.allSettled([
    configure(first.id, { name: 'wanted' }),
    configure(second.id, { name: 'wanted' }),
  ]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('unknown nodes are not found', async () => {
  const id = newId();
  await assert.rejects(configure(id, { paused: true }), { code: 'node-not-found' });
  await assert.rejects(remove(id), { code: 'node-not-found' });
  await assert.rejects(request()('getNode', {}, { id }), { code: 'node-not-found' });
});

test('pages show every node once, by name', async () => {
  for (const name of ['p-a', 'p-b', 'p-c', 'p-d', 'p-e']) await core.enroll(name);
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: { name: string }[]; nextCursor: string | null } = await request()(
      'listNodes',
      {},
      cursor === null ? { limit: 2 } : { limit: 2, cursor },
    );
    names.push(...page.items.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.deepEqual(names, names.toSorted());
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes('p-e'));
});

test('a node logs in with what it was given, says hello and renews for the same key', async () => {
  const node = await core.enroll('renewing');
  const bus = await core.connect(node);
  const { time } = await bus.request('hello', { node: node.id }, helloOf());
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  const shown = await request()('getNode', {}, { id: node.id });
  assert.equal(shown.agentVersion, '1.0.1');
  const renewed = await bus.request('renewCredential', { node: node.id }, { kind: 'renew' });
  await bus.close();
  const again = await core.connect({ ...node, credential: credentialOf(renewed.jwt, node.seed) });
  assert.ok(again.isConnected);
  await again.close();
});

test('rotation names the nonce of the last hello; a node that never said it is offline', async () => {
  const node = await core.enroll('rotated');
  const rotate = () => request()('rotateCredential', {}, { by: operator(), id: node.id });
  await assert.rejects(rotate(), { code: 'node-offline' });
  const [bus, scheduler] = [await core.connect(node), await core.nats.connect('scheduler')];
  const asked: unknown[] = [];
  scheduler.serve('sendCommand', async ({ node: to, nonce, verb }) => {
    asked.push({ to, nonce, verb });
    return {};
  });
  await scheduler.flush();
  const nonce = newId();
  await bus.request('hello', { node: node.id }, helloOf(nonce));
  await rotate();
  assert.deepEqual(asked, [{ to: node.id, nonce, verb: 'renew' }]);
  await Promise.all([bus.close(), scheduler.close()]);
});

test('a node whose credential is long void gets a new one by its key alone', async () => {
  const node = await core.enroll('away');
  const credential = await request()('reauthenticateNode', {}, reauthentication(node, new Date()));
  const bus = await core.connect({ ...node, credential: credentialOf(credential.jwt, node.seed) });
  await bus.close();
});

test('a clock within five minutes is fine, beyond it the offset is told', async () => {
  const node = await core.enroll('skewed');
  const ask = (minutes: number) =>
    request()('reauthenticateNode', {}, reauthentication(node, new Date(Date.now() + minutes * 60_000)));
  await ask(4);
  await ask(-4);
  await assert.rejects(ask(60), (error: { code: string; fields: { offsetMs: number } }) => {
    assert.equal(error.code, 'clock-skew');
    assert.ok(Math.abs(error.fields.offsetMs - 3_600_000) < 30_000);
    return true;
  });
});

test('only its own key proves a node; who lacks it does not learn whether the node is there', async () => {
  const [node, other] = [await core.enroll('proved'), await core.enroll('other')];
  const forged = reauthentication({ ...node, seed: other.seed }, new Date());
  await assert.rejects(request()('reauthenticateNode', {}, forged), { code: 'proof-invalid' });
  const unknown = reauthentication({ ...node, id: newId() }, new Date());
  await assert.rejects(request()('reauthenticateNode', {}, unknown), { code: 'proof-invalid' });
});

test('removal cuts the connection before a second is over, and nothing lets the node in again', async () => {
  const node = await core.enroll('removed');
  const neighbour = await core.connect(await core.enroll('neighbour'));
  const bus = await core.connect(node);
  const cut = new Promise<number>((resolve) => {
    bus.onStatus(({ type }) => {
      if (type === 'disconnected' || type === 'closed') resolve(performance.now());
    });
  });
  const begun = performance.now();
  await remove(node.id);
  assert.ok((await cut) - begun < 1000);
  await assert.rejects(core.connect(node));
  assert.ok(neighbour.isConnected, 'a neighbour stays');
  await assert.rejects(request()('reauthenticateNode', {}, reauthentication(node, new Date())), {
    code: 'node-revoked',
  });
  await assert.rejects(remove(node.id), { code: 'node-not-found' });
  const listed = await request()('listNodes', {}, { limit: 1000 });
  assert.ok(!listed.items.some(({ id }) => id === node.id));
  await until(async () => (await factsOf(node.id)).includes('removed'), SOON_MS, 'the fact');
  await neighbour.close();
});

test('a removal that was interrupted before the server heard of it is finished by the next start', async () => {
  const node = await core.enroll('half-removed');
  const bus = await core.connect(node);
  await core.stopRegistry();
  await core.database.transaction((em) =>
    em.execute('update nodes set removed_at = now() where id = ?', [node.id], 'run'),
  );
  assert.ok(bus.isConnected, 'control: without the next start it would stay connected');
  await core.startRegistry();
  await until(() => !bus.isConnected, SOON_MS, 'the connection to be cut');
  await assert.rejects(core.connect(node));
});
