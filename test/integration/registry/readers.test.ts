// Readers on a real server, through a client that knows nothing of Overseer: what it is owed, that it loses nothing while it
// is away, that it can touch nothing, and that its removal is felt at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { withProvisioner } from '#infra/nats/provision.ts';
import { ReaderSpec } from '#subjects/schema/reader.ts';
import { until } from '#test/harness/until.ts';
import { storeDigest } from '../rights/stage.ts';
import { operator, type RegistryCore, SOON_MS, startRegistryCore } from './core.ts';
import { attackAsReader } from './reader-attack.ts';
import { newStranger, type Stranger } from './stranger.ts';

const LONG_MS = 60_000;

let core: RegistryCore;
before(async () => {
  core = await startRegistryCore();
});
after(() => core?.stop());

type Spec = Parameters<Stranger['start']>[0];

async function create(name: string, stranger: Stranger, fields: object = {}): Promise<Spec> {
  const spec = { name, role: 'events' as const, publicKey: stranger.publicKey, ...fields };
  const issued = await core.gateway.request('createReader', {}, { by: operator(), spec }, { timeoutMs: LONG_MS });
  return { ...issued, servers: core.nats.servers, ca: core.nats.ca };
}
const remove = (name: string) =>
  core.gateway.request('removeReader', {}, { by: operator(), name }, { timeoutMs: LONG_MS });
const list = async () => (await core.gateway.request('listReaders', {}, {})).items;
const subjectsOf = (stranger: Stranger) => stranger.heard.map(({ subject }) => subject);
const about = (node: string, fact: string) => (subject: string) => subject.includes(node) && subject.endsWith(fact);

test('a plain client gets what was before and what comes, goes away, and resumes without loss or double', async () => {
  const stranger = newStranger();
  const first = await core.enroll('before-the-reader');
  const spec = await create('plain', stranger);
  await stranger.start(spec);
  await until(() => subjectsOf(stranger).some(about(first.id, 'registered')), LONG_MS, 'what was before');
  const second = await core.enroll('while-it-reads');
  await until(() => subjectsOf(stranger).some(about(second.id, 'registered')), LONG_MS, 'what comes');
  await stranger.stop();
  const away = [];
  for (let i = 0; i < 20; i++) away.push(await core.enroll(`away-${i}`));
  await stranger.start(spec);
  for (const { id } of away) {
    await until(() => subjectsOf(stranger).some(about(id, 'registered')), LONG_MS, `${id}, told while it was away`);
  }
  const sequences = stranger.heard.map(({ sequence }) => sequence);
  assert.deepEqual(
    sequences,
    [...new Set(sequences)].toSorted((a, b) => a - b),
  );
  for (const { body } of stranger.heard) assert.equal((body as { specversion: string }).specversion, '1.0');
  await stranger.stop();
  await remove('plain');
});

test('filters hold: one node, one kind', async () => {
  const [mine, other] = [await core.enroll('mine'), await core.enroll('other')];
  const stranger = newStranger();
  await stranger.start(await create('narrow', stranger, { filters: { nodes: [mine.id], kinds: ['node.updated'] } }));
  const configure = (id: string, paused: boolean) =>
    core.gateway.request('configureNode', {}, { by: operator(), id, config: { paused } });
  await configure(other.id, true);
  await configure(mine.id, true);
  await until(() => stranger.heard.length > 0, LONG_MS, 'the event it is owed');
  await configure(other.id, false);
  await configure(mine.id, false);
  await until(() => stranger.heard.length > 1, LONG_MS, 'the second one');
  assert.deepEqual(new Set(subjectsOf(stranger)), new Set([`overseer.event.node.${mine.id}.updated`]));
  await stranger.stop();
  await remove('narrow');
});

test('a reader of audit records gets those, and no events', async () => {
  const stranger = newStranger();
  await stranger.start(await create('auditor', stranger, { role: 'audit' }));
  await core.enroll('audited');
  await until(
    () => stranger.heard.some(({ body }) => (body as { action: string }).action === 'node.register'),
    LONG_MS,
    'the record',
  );
  assert.ok(subjectsOf(stranger).every((subject) => subject.startsWith('overseer.audit.')));
  await stranger.stop();
  await remove('auditor');
});

test('nothing that a reader publishes, asks or has answered changes anything; the same by who may is seen', async () => {
  const [attacker, victim] = [newStranger(), newStranger()];
  const spec = await create('attacker', attacker);
  await create('victim', victim);
  const quiet = async () => {
    let before = '';
    return until(
      async () => {
        const digest = (await storeDigest(core.nats)).filter((line) => !/ EVENTS\.r-attacker /.test(line));
        const isSame = digest.join('\n') === before;
        before = digest.join('\n');
        return isSame ? digest : null;
      },
      LONG_MS,
      'the store to rest',
    );
  };
  await attacker.start(spec);
  await until(() => attacker.heard.length > 0, LONG_MS, 'messages whose acknowledgements are an origin too');
  await attacker.stop();
  const before = await quiet();
  const { attempts, refused } = await attackAsReader(spec, attacker);
  assert.ok(attempts > 1000, `${attempts} attempts`);
  // The control of the attack: direct calls were really made, and refused.
  assert.ok(refused > 300, `${refused} refused`);
  assert.deepEqual(await quiet(), before);
  // The control of the probe.
  await withProvisioner(core.nats, ({ consumers }) => consumers.delete('EVENTS', 'r-victim'));
  assert.notDeepEqual(await quiet(), before);
  await attacker.start(spec);
  await core.enroll('after-the-attack');
  await until(() => subjectsOf(attacker).some((s) => s.endsWith('registered')), LONG_MS, 'the reader to go on');
  await attacker.stop();
  for (const name of ['attacker', 'victim']) await remove(name);
});

test('removal cuts the connection, keeps it out, and leaves nothing; another reader goes on', async () => {
  const [stranger, neighbour] = [newStranger(), newStranger()];
  const spec = await create('short', stranger);
  await neighbour.start(await create('long', neighbour));
  await stranger.start(spec);
  await remove('short');
  await until(() => stranger.isCut(), SOON_MS, 'the connection to be cut');
  await stranger.stop();
  await assert.rejects(stranger.start(spec), /[Aa]uthorization|[Aa]uthentication/);
  const node = await core.enroll('still-told');
  await until(() => subjectsOf(neighbour).some(about(node.id, 'registered')), LONG_MS, 'the neighbour to hear');
  assert.equal(neighbour.isCut(), false);
  const durables = (await storeDigest(core.nats)).filter((line) => line.startsWith('durable EVENTS.r-'));
  assert.deepEqual(
    durables.map((line) => line.split(' ')[1]),
    ['EVENTS.r-long'],
  );
  assert.deepEqual(
    (await list()).map(({ name, state }) => [name, state]),
    [['long', 'valid']],
  );
  await neighbour.stop();
  await remove('long');
});

test('a revocation and a durable survive a registry that starts again and a store that lost its durables', async () => {
  const [gone, kept] = [newStranger(), newStranger()];
  const spec = await create('gone', gone);
  const keptSpec = await create('kept', kept);
  await remove('gone');
  await core.stopRegistry();
  await withProvisioner(core.nats, ({ consumers }) => consumers.delete('EVENTS', 'r-kept'));
  await core.startRegistry();
  const isThere = async () => (await storeDigest(core.nats)).some((line) => line.startsWith('durable EVENTS.r-kept '));
  await until(isThere, LONG_MS, 'its durable to be there again');
  await kept.start(keptSpec);
  await until(() => kept.heard.length > 0, LONG_MS, 'the reader to be told');
  await assert.rejects(gone.start(spec), /[Aa]uthorization|[Aa]uthentication/);
  await kept.stop();
  await remove('kept');
});

test('the same again is the same; other names, keys, roles and filters are refused', async () => {
  const stranger = newStranger();
  const { createdAt } = (await create('again', stranger)) as { createdAt?: string };
  assert.equal(((await create('again', stranger)) as { createdAt?: string }).createdAt, createdAt);
  const refused: readonly [string, object, string][] = [
    ['again', {}, 'name-taken'],
    ['again', { publicKey: stranger.publicKey, role: 'audit' }, 'name-taken'],
    ['other', { publicKey: stranger.publicKey }, 'key-taken'],
    ['other', { publicKey: `U${'A'.repeat(55)}` }, 'invalid-input'],
    ['other', { role: 'audit', filters: { kinds: ['node'] } }, 'invalid-input'],
    ['other', { filters: { nodes: ['a'.repeat(26)], kinds: ['deployment.finished'] } }, 'invalid-input'],
  ];
  for (const [name, fields, code] of refused) {
    await assert.rejects(create(name, newStranger(), fields), { code }, `${name} ${JSON.stringify(fields)}`);
  }
  const { publicKey } = newStranger();
  const good = { name: 'other', role: 'events', publicKey };
  assert.ok(ReaderSpec.safeParse(good).success);
  const names = ['', 'r.x', '*', '>', 'a b', 'Ä', 'scheduler.', '-a', '$JS', 'a'.repeat(61)];
  for (const bad of [...names.map((name) => ({ name })), { role: 'reader' }, { days: 731 }, { days: 0 }]) {
    assert.equal(ReaderSpec.safeParse({ ...good, ...bad }).success, false, JSON.stringify(bad));
  }
  await remove('again');
  await assert.rejects(create('later', stranger), { code: 'key-taken' });
  await assert.rejects(remove('again'), { code: 'not-found' });
});

test('an expired credential is shown as such and refused by the server', async () => {
  const stranger = newStranger();
  const day = 24 * 3600_000;
  await core.startRegistry({ now: () => new Date(Date.now() - 2 * day) });
  const spec = await create('expired', stranger, { days: 1 });
  await core.startRegistry();
  assert.deepEqual(
    (await list()).map(({ name, state }) => [name, state]),
    [['expired', 'expired']],
  );
  await assert.rejects(stranger.start(spec), /[Aa]uthorization|[Aa]uthentication|expired/);
  await remove('expired');
  assert.deepEqual(await list(), []);
});
