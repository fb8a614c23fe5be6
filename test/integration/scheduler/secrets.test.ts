// Secrets through a real bus and a real PostgreSQL: they reach the nodes that need them and nobody else, and a new version
// goes to those who use it.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type KeyPair, newKeyPair, open } from '#infra/sealing/age.ts';
import { checkEnvelope } from '#infra/sealing/envelope.ts';
import { readIdentity } from '#infra/sealing/identity-file.ts';
import { sealedFor } from '#services/gateway/secret-sealing.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import { type Core, operator, startCore } from './core.ts';
import { COMPOSE, enroll, hasVersion, type Keyed, opened, refusedAs, secretOf, set } from './secret-nodes.ts';

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
    const images = { policy: 'notify' as const, credentials: { 'registry.example.com': 'db' } };
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
