// What holds when somebody looks, or when the core can't: no form of a value is found anywhere, and in mode strict nodes wait
// for the recovery identity.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type KeyPair, newKeyPair, open } from '#infra/sealing/age.ts';
import { sealEnvelope } from '#infra/sealing/envelope.ts';
import { sealedFor } from '#services/gateway/secret-sealing.ts';
import { tapBus } from '#test/harness/bus-tap.ts';
import { type Core, operator, startCore } from './core.ts';
import {
  COMPOSE,
  dump,
  enroll,
  filesBelow,
  foundIn,
  hasVersion,
  opened,
  refusedAs,
  secretOf,
  set,
} from './secret-nodes.ts';

describe('nothing readable', () => {
  let core: Core;
  before(async () => {
    core = await startCore();
    await core.startScheduler(false);
  });
  after(() => core?.stop());

  test('in the database, on the bus and in its files there is no form of the value', async () => {
    const value = `ca"na/ry+${randomBytes(24).toString('hex')}`;
    const planted = `pl"an/ted+${randomBytes(24).toString('hex')}`;
    const natsPort = Number(core.nats.servers[0]?.split(':').at(-1));
    const tap = await tapBus({ data: core.nats.data, natsPort });
    const nas = await enroll(core, 'nas');
    await set(core, 'db', value);
    await core.put('web', { compose: COMPOSE, secrets: { db: { environment: 'DB' } } });
    await set(core, 'db', value);
    await core.documentWith(nas.node, 'the second version', hasVersion(2));
    await core.ask('listSecrets', {});
    await core.ask('secretRecovery', { name: 'db' });
    await core.ask('getStack', { name: 'web' });
    // What the search must find: the same value given as an environment value of the stack.
    await core.put('control', { env: { PLANTED: planted } });
    await core.documentWith(nas.node, 'the control', (one) => one.stacks.some(({ name }) => name === 'control'));
    await tap.stop();

    const places = {
      database: await dump(core),
      bus: tap.captured.join('\n'),
      'data folder': filesBelow(core.data),
    };
    for (const [place, text] of Object.entries(places)) assert.deepEqual(foundIn(text, value), [], place);
    assert.notDeepEqual(foundIn(places.database, planted), [], 'control');
    assert.notDeepEqual(foundIn(places.bus, planted), [], 'control');
    assert.deepEqual(foundIn(filesBelow(core.nats.data), value), [], 'JetStream and the log of the server');
    assert.match(places.bus, /put-secret/);
  });

  test('without a recovery recipient it works, and says what that means', async () => {
    const { warnings } = await set(core, 'other', 'x');
    assert.ok(warnings.some((warning) => /no recovery recipient/.test(warning)));
    assert.equal((await core.ask('listSecrets', {})).recoveryRecipient, null);
    writeFileSync(join(core.data, 'recovery-recipient'), 'no recipient\n');
    await assert.rejects(set(core, 'other', 'x'), refusedAs('policy-refused'));
    const { recipient } = await newKeyPair();
    writeFileSync(join(core.data, 'recovery-recipient'), `${recipient}\n`);
    assert.deepEqual((await set(core, 'other', 'x')).warnings, []);
    rmSync(join(core.data, 'recovery-recipient'));
  });
});

describe('mode strict', () => {
  let core: Core;
  let recovery: KeyPair;
  before(async () => {
    recovery = await newKeyPair();
    core = await startCore({ OVERSEER_SECRETS_MODE: 'strict' });
    await core.startScheduler(false);
  });
  after(() => core?.stop());

  test('without a recovery recipient nothing can be set: nobody could ever open it', async () => {
    await assert.rejects(set(core, 'db', 'x'), refusedAs('policy-refused'));
    writeFileSync(join(core.data, 'recovery-recipient'), `${recovery.recipient}\n`);
    assert.deepEqual((await core.ask('secretRecipients', { name: 'db' })).core, [recovery.recipient]);
    assert.ok(!readdirSync(join(core.data, 'keys')).includes('vault-identity'));
  });

  test('a node waits until the recovery identity seals for it', async () => {
    const nas = await enroll(core, 'nas');
    await set(core, 'db', 'strict value');
    await core.put('web', { compose: COMPOSE });
    const waiting = await core.documentWith(nas.node, 'the stack', hasVersion(1));
    assert.deepEqual([secretOf(waiting).sealed, secretOf(waiting).digest], [null, null]);
    assert.deepEqual((await core.ask('listSecrets', {})).items[0]?.waiting, [nas.node.id]);

    const found = await core.ask('secretRecovery', { name: 'db' });
    assert.deepEqual(found.waiting, [{ node: nas.node.id, stack: 'web', recipient: nas.keys.recipient }]);
    const value = await open(Buffer.from(found.sealed, 'base64'), recovery.identity);
    const audience = { secret: 'db', version: 1, node: nas.node.id, stack: 'web' };
    const sealed = (await sealEnvelope(audience, value, nas.keys.recipient)).toString('base64');
    const nodes = [{ node: nas.node.id, stack: 'web', sealed }];
    const rewrap = (version: number) => core.ask('rewrapSecret', { by: operator(), name: 'db', version, nodes });
    await assert.rejects(rewrap(7), refusedAs('conflict'));
    await rewrap(1);
    const given = await core.documentWith(nas.node, 'the secret', (one) => secretOf(one).sealed !== null);
    assert.ok(given.generation > waiting.generation);
    assert.equal(given.stacks[0]?.hash, waiting.stacks[0]?.hash, 'the stack is the same');
    const again = await core.documentWith(
      nas.node,
      'another deployment, for an agent that gave the first one up',
      (one) => one.stacks[0]?.deployment !== waiting.stacks[0]?.deployment,
    );
    assert.equal((await core.ask('getStack', { name: 'web' })).deployment, again.stacks[0]?.deployment);
    assert.equal(await opened(nas, 'web', secretOf(given)), 'strict value');
    assert.deepEqual((await core.ask('listSecrets', {})).items[0]?.waiting, []);
    assert.deepEqual((await core.ask('secretRecovery', { name: 'db' })).waiting, []);
  });

  test('a new version is sealed for the nodes that are there, without the recovery identity', async () => {
    const [node] = [...core.nodes.values()];
    assert.ok(node);
    const answer = await set(core, 'db', 'rotated');
    assert.equal(answer.deployments.length, 1);
    assert.deepEqual(answer.warnings, []);
    const document = await core.documentWith(node, 'the new version', hasVersion(2));
    assert.notEqual(secretOf(document).sealed, null);
  });

  test('a version that comes in parts is deployed once, with the last', async () => {
    const [first] = [...core.nodes.values()];
    assert.ok(first);
    const second = await enroll(core, 'second');
    await core.documentWith(second.node, 'the stack', hasVersion(2));
    const before = (await core.ask('listDeployments', { stack: 'web' })).items;
    const to = await core.ask('secretRecipients', { name: 'db' });
    const { version, sealed, nodes } = await sealedFor('db', Buffer.from('in parts'), to);
    assert.equal(nodes.length, 2);
    const of = { by: operator(), name: 'db', version };
    const begun = await core.ask('putSecret', {
      ...of,
      description: null,
      sealed,
      nodes: nodes.slice(0, 1),
      more: true,
    });
    assert.deepEqual(begun.deployments, []);
    const ended = await core.ask('rewrapSecret', { ...of, nodes: nodes.slice(1), stacks: ['web'] });
    const after = (await core.ask('listDeployments', { stack: 'web' })).items;
    assert.deepEqual([after.length - before.length, ended.deployments.length], [1, 1]);
    assert.equal((await core.ask('getStack', { name: 'web' })).deployment, ended.deployments[0]?.deployment);
    assert.deepEqual(ended.warnings, []);
    for (const node of [first, second.node]) {
      const document = await core.documentWith(node, 'the new version', hasVersion(3));
      assert.notEqual(secretOf(document).sealed, null, node.name);
    }
  });

  test('a node that joins later waits, and only it', async () => {
    const late = await enroll(core, 'late');
    const document = await core.documentWith(late.node, 'the stack', hasVersion(3));
    assert.equal(secretOf(document).sealed, null);
    assert.deepEqual((await core.ask('listSecrets', {})).items[0]?.waiting, [late.node.id]);
    const { warnings } = await set(core, 'db', 'rotated again');
    assert.deepEqual(warnings, [], 'the next version finds it known');
    await core.documentWith(late.node, 'the secret', (one) => hasVersion(4)(one) && secretOf(one).sealed !== null);
  });
});
