// Secrets through a real bus and a real PostgreSQL: nothing of them is readable anywhere but on the node, a new version
// goes to those who use it, and without a vault the recovery identity is needed.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type KeyPair, newKeyPair, open } from '#infra/sealing/age.ts';
import { checkEnvelope, sealEnvelope } from '#infra/sealing/envelope.ts';
import { readIdentity } from '#infra/sealing/identity-file.ts';
import { sealedFor } from '#services/gateway/secret-sealing.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { DesiredSecret, PutSecretAnswer } from '#subjects/schema/secret.ts';
import { tapBus, unpacked } from '#test/harness/bus-tap.ts';
import { formsOf } from '#test/harness/canaries.ts';
import { type Core, operator, startCore } from './core.ts';

const COMPOSE = `
services:
  web:
    image: busybox
    secrets: [db]
secrets:
  db: { external: true }
`;

interface Keyed {
  readonly node: Node;
  readonly keys: KeyPair;
}

async function enroll(core: Core, name: string): Promise<Keyed> {
  const keys = await newKeyPair();
  return { keys, node: await core.enroll(name, { ageRecipient: keys.recipient }) };
}

/** As the gateway does it. */
async function set(core: Core, name: string, value: string): Promise<PutSecretAnswer> {
  const to = await core.ask('secretRecipients', { name });
  const sealed = await sealedFor(name, Buffer.from(value), to);
  return core.ask('putSecret', { by: operator(), name, description: null, ...sealed });
}

function secretOf(document: DesiredDocument, stack = 'web', name = 'db'): DesiredSecret {
  const found = document.stacks.find((one) => one.name === stack)?.secrets.find((one) => one.name === name);
  assert.ok(found, `secret ${name} of ${stack}`);
  return found;
}

/** What the agent does with it. */
async function opened({ node, keys }: Keyed, stack: string, secret: DesiredSecret): Promise<string> {
  assert.ok(secret.sealed !== null && secret.digest !== null, 'it waits');
  const file = Buffer.from(secret.sealed, 'base64');
  assert.equal(createHash('sha256').update(file).digest('hex'), secret.digest);
  const expected = { secret: secret.secret, version: secret.version, node: node.id, stack };
  const checked = checkEnvelope(await open(file, keys.identity), expected);
  assert.ok(checked.ok, checked.ok ? '' : checked.reason);
  return checked.value.toString();
}

const hasVersion =
  (version: number, stack = 'web') =>
  (document: DesiredDocument) =>
    document.stacks.some((one) => one.name === stack && one.secrets.some((secret) => secret.version === version));

const refusedAs = (code: string) => (error: { code?: string }) => error.code === code;

/** Every row of every table, bytes unpacked. */
async function dump(core: Core): Promise<string> {
  const em = core.database.em();
  const tables = (await em.execute(
    `select tablename as name from pg_tables where schemaname = 'public'`,
  )) as unknown as { name: string }[];
  const parts: string[] = [];
  for (const { name } of tables) {
    const rows = (await em.execute(`select * from "${name}"`)) as unknown as Record<string, unknown>[];
    for (const value of rows.flatMap((row) => Object.values(row))) {
      parts.push(Buffer.isBuffer(value) ? `${unpacked(value)} ${value.toString('hex')}` : JSON.stringify(value));
    }
  }
  return parts.join('\n');
}

function filesBelow(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1'))
    .join('\n');
}

const foundIn = (text: string, value: string) => formsOf(value).filter((form) => text.includes(form));

describe('mode managed', () => {
  let core: Core;
  let nas: Keyed;
  let pi: Keyed;
  let recovery: KeyPair;
  before(async () => {
    recovery = await newKeyPair();
    core = await startCore({ OVERSEER_RECOVERY_RECIPIENT: recovery.recipient });
    await core.startScheduler(false);
    nas = await enroll(core, 'nas');
    pi = await enroll(core, 'pi');
  });
  after(() => core?.stop());

  test('a stack that uses a secret which is not set is refused by name, and nothing is stored', async () => {
    await assert.rejects(core.put('web', { compose: COMPOSE }), refusedAs('secret-not-found'));
    await assert.rejects(core.ask('getStack', { name: 'web' }), refusedAs('stack-not-found'));
  });

  test('it reaches each node sealed for it and for the stack, and nobody else opens it', async () => {
    await set(core, 'db', 'first value');
    await core.put('web', { compose: COMPOSE });
    for (const [own, other] of [
      [nas, pi],
      [pi, nas],
    ] as const) {
      const secret = secretOf(await core.documentWith(own.node, 'the secret', hasVersion(1)));
      assert.deepEqual([secret.secret, secret.version, secret.services, secret.environment], ['db', 1, null, null]);
      assert.equal(await opened(own, 'web', secret), 'first value');
      await assert.rejects(open(Buffer.from(secret.sealed ?? '', 'base64'), other.keys.identity));
    }
  });

  test('a document made again holds the same bytes', async () => {
    const first = secretOf(await core.documentWith(nas.node, 'the secret', hasVersion(1)));
    const { generation } = (await core.document(nas.node)) as DesiredDocument;
    const node = { ...nas.node, labels: { changed: 'yes' } };
    core.nodes.set(node.id, node);
    await core.tell('updated', node);
    const next = await core.documentWith(nas.node, 'the next', (document) => document.generation > generation);
    assert.deepEqual(secretOf(next), first);
  });

  test('a new version is deployed to the stacks that use it, and to no other', async () => {
    await core.put('plain', {});
    await core.put('shop', { secrets: { password: { secret: 'db', environment: 'PASSWORD' } } });
    const before = (await core.ask('listDeployments', { limit: 1000 })).items.length;
    const plain = await core.ask('getStack', { name: 'plain' });
    const answer = await set(core, 'db', 'second value');
    assert.equal(answer.version, 2);
    assert.deepEqual(
      answer.deployments.map(({ stack }) => stack),
      ['shop', 'web'],
    );
    assert.ok(answer.warnings.some((warning) => /shop .*environment/.test(warning)));
    assert.equal((await core.ask('listDeployments', { limit: 1000 })).items.length, before + 2);
    assert.equal((await core.ask('getStack', { name: 'plain' })).deployment, plain.deployment);
    const document = await core.documentWith(
      nas.node,
      'both',
      (one) => hasVersion(2)(one) && hasVersion(2, 'shop')(one),
    );
    assert.equal(await opened(nas, 'web', secretOf(document)), 'second value');
    assert.equal(await opened(nas, 'shop', secretOf(document, 'shop', 'password')), 'second value');
    assert.equal((await core.ask('getStack', { name: 'web' })).revision, 1, 'no new revision');
  });

  test('what was sealed for one stack is refused for another', async () => {
    const document = await core.documentWith(nas.node, 'both', hasVersion(2, 'shop'));
    const shop = secretOf(document, 'shop', 'password');
    const inside = await open(Buffer.from(shop.sealed ?? '', 'base64'), nas.keys.identity);
    const expected = { secret: 'db', version: 2, node: nas.node.id, stack: 'shop' };
    assert.equal(checkEnvelope(inside, expected).ok, true, 'control');
    for (const wrong of [{ stack: 'web' }, { version: 1 }, { node: pi.node.id }, { secret: 'other' }]) {
      assert.equal(checkEnvelope(inside, { ...expected, ...wrong }).ok, false);
    }
  });

  test('the list tells versions, uses and mode; recovery opens without the core', async () => {
    const { items, mode, recoveryRecipient } = await core.ask('listSecrets', {});
    assert.equal(mode, 'managed');
    assert.equal(recoveryRecipient, recovery.recipient);
    assert.deepEqual(
      items.map(({ name, version, stacks, waiting }) => ({ name, version, stacks, waiting })),
      [{ name: 'db', version: 2, stacks: ['shop', 'web'], waiting: [] }],
    );
    const found = await core.ask('secretRecovery', { name: 'db' });
    assert.equal((await open(Buffer.from(found.sealed, 'base64'), recovery.identity)).toString(), 'second value');
  });

  test('versions must follow each other; what is not sealed, or not for this core, is refused', async () => {
    const to = await core.ask('secretRecipients', { name: 'db' });
    assert.equal(to.version, 3);
    const sealed = await sealedFor('db', Buffer.from('x'), to);
    const put = (more: object) =>
      core.ask('putSecret', { by: operator(), name: 'db', description: null, ...sealed, ...more });
    for (const version of [1, 2, 4]) await assert.rejects(put({ version }), refusedAs('conflict'));
    await assert.rejects(put({ sealed: Buffer.from('plain').toString('base64') }), refusedAs('invalid-input'));
    const foreign = await sealedFor('db', Buffer.from('x'), { ...to, core: [recovery.recipient] });
    await assert.rejects(put({ sealed: foreign.sealed }), refusedAs('conflict'));
    assert.equal((await core.ask('listSecrets', {})).items[0]?.version, 2);
  });

  test('two at once: one wins, the other is told', async () => {
    const to = await core.ask('secretRecipients', { name: 'raced' });
    const sealed = await Promise.all(['a', 'b'].map((value) => sealedFor('raced', Buffer.from(value), to)));
    const ended = await Promise.allSettled(
      sealed.map((one) => core.ask('putSecret', { by: operator(), name: 'raced', description: null, ...one })),
    );
    assert.deepEqual(ended.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    await core.ask('removeSecret', { by: operator(), name: 'raced' });
  });

  test('versions that nothing runs with go; the present one and the one before stay', async () => {
    await set(core, 'db', 'third value');
    await set(core, 'db', 'fourth value');
    const stored = async (table: string) =>
      (await core.database.em().execute(`select distinct version from ${table} where name = 'db' order by 1`)).map(
        (row) => (row as { version: number }).version,
      );
    assert.deepEqual(await stored('secret_versions'), [3, 4]);
    assert.deepEqual(await stored('node_secrets'), [3, 4]);
  });

  test('a node that joins later gets it without a person', async () => {
    const late = await enroll(core, 'late');
    const document = await core.documentWith(late.node, 'the secret', hasVersion(4));
    assert.equal(await opened(late, 'web', secretOf(document)), 'fourth value');
  });

  test('a node whose recipient is none waits and holds up nobody; with a right one it gets it', async () => {
    const broken = await core.enroll('broken', { ageRecipient: `age1${'q'.repeat(58)}` });
    const waiting = await core.documentWith(broken, 'the stack', hasVersion(4));
    assert.deepEqual([secretOf(waiting).sealed, secretOf(waiting).digest], [null, null]);
    const listed = (await core.ask('listSecrets', {})).items.find(({ name }) => name === 'db');
    assert.deepEqual(listed?.waiting, [broken.id]);
    const keys = await newKeyPair();
    const mended = { ...broken, ageRecipient: keys.recipient };
    core.nodes.set(broken.id, mended);
    await core.tell('updated', mended);
    await core.handled();
    await core.nats.kill();
    await core.nats.restart();
    const given = await core.documentWith(broken, 'the secret', (one) => secretOf(one).sealed !== null);
    assert.equal(await opened({ node: mended, keys }, 'web', secretOf(given)), 'fourth value');
  });

  test('a secret that a stack uses stays; then all of it goes', async () => {
    const remove = () => core.ask('removeSecret', { by: operator(), name: 'db' });
    await assert.rejects(remove(), (error: { code?: string; fields?: Record<string, unknown> }) => {
      assert.deepEqual([error.code, error.fields?.['stacks']], ['secret-in-use', ['shop', 'web']]);
      return true;
    });
    await core.remove('web');
    await core.remove('shop');
    const images = { policy: 'notify' as const, credential: 'db' };
    await core.put('plain', { images });
    const byCredential = (await core.ask('listSecrets', {})).items.find(({ name }) => name === 'db');
    assert.deepEqual(byCredential?.stacks, ['plain']);
    await assert.rejects(remove(), refusedAs('secret-in-use'), 'the core logs in with it');
    await core.put('plain', {});
    await remove();
    await assert.rejects(remove(), refusedAs('secret-not-found'));
    for (const table of ['secrets', 'secret_versions', 'node_secrets']) {
      assert.deepEqual(await core.database.em().execute(`select * from ${table}`), [], table);
    }
  });

  test('each change stands in the audit, with name and version', async () => {
    const kept = (await core.database
      .em()
      .execute(`select body from outbox where message = 'auditRecord' order by id`)) as unknown as {
      body: { action: string; object: string; detail: Record<string, unknown> };
    }[];
    const of = (action: string) => kept.map(({ body }) => body).filter((body) => body.action === action);
    assert.deepEqual(
      of('secret.put')
        .filter(({ object }) => object === 'secrets/db')
        .map(({ detail }) => detail['version']),
      [1, 2, 3, 4],
    );
    assert.equal(of('secret.remove').length, 2);
    const seals = of('secret.seal').map(({ detail }) => `${detail['version']} ${detail['node']} ${detail['stack']}`);
    assert.ok(seals.length >= 8);
    assert.equal(new Set(seals).size, seals.length, 'each once');
  });

  test("the vault's identity is for its owner alone, and another start finds it again", async () => {
    const file = join(core.data, 'keys/vault-identity');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const { recipient } = await readIdentity(file);
    await core.startScheduler(false);
    assert.equal((await readIdentity(file)).recipient, recipient);
    assert.ok((await core.ask('secretRecipients', { name: 'x' })).core.includes(recipient));
  });
});

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
    assert.equal(given.generation, waiting.generation + 1);
    assert.equal(given.stacks[0]?.hash, waiting.stacks[0]?.hash, 'the stack is the same');
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

  test('a node that joins later waits, and only it', async () => {
    const late = await enroll(core, 'late');
    const document = await core.documentWith(late.node, 'the stack', hasVersion(2));
    assert.equal(secretOf(document).sealed, null);
    assert.deepEqual((await core.ask('listSecrets', {})).items[0]?.waiting, [late.node.id]);
    const { warnings } = await set(core, 'db', 'rotated again');
    assert.deepEqual(warnings, [], 'the next version finds it known');
    await core.documentWith(late.node, 'the secret', (one) => hasVersion(3)(one) && secretOf(one).sealed !== null);
  });
});
