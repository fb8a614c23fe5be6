import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { secretsPlace } from '#agent/secrets/mount.ts';
import { openSecret, SecretRefused } from '#agent/secrets/open.ts';
import { ownerOf } from '#agent/secrets/owner.ts';
import { sealedSecret } from '#test/harness/secrets.ts';

const NODE = 'n'.repeat(26);

test('what was sealed for this node, stack and version is opened as it was, byte by byte', async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 500 }), async (value) => {
      const secret = await sealedSecret({ recipient, node: NODE, stack: 'web' }, 'db', value);
      assert.deepEqual(await openSecret(secret, 'web', { node: NODE, identity }), Buffer.from(value));
    }),
    { numRuns: 30 },
  );
});

test('anything that does not agree with the document is refused, and no reason holds the value', async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const other = await generateX25519Identity();
  const own = { recipient, node: NODE, stack: 'web' };
  const good = await sealedSecret(own, 'db', 'the-value');
  const opener = { node: NODE, identity };
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => openSecret(good, 'other', opener), /another stack/],
    [() => openSecret(good, 'web', { ...opener, node: 'm'.repeat(26) }), /another node/],
    [() => openSecret({ ...good, version: 2 }, 'web', opener), /another version/],
    [() => openSecret({ ...good, secret: 'x' }, 'web', opener), /another secret/],
    [() => openSecret({ ...good, digest: '0'.repeat(64) }, 'web', opener), /not the one/],
    [() => openSecret({ ...good, sealed: null, digest: null }, 'web', opener), /not sealed for this node yet/],
    [() => openSecret(good, 'web', { ...opener, identity: other }), /this node's identity/],
  ];
  for (const [attempt, reason] of cases) {
    await assert.rejects(attempt(), (error) => {
      assert.ok(error instanceof SecretRefused);
      assert.match(error.message, reason);
      return !String(error.stack).includes('the-value') && error.cause === undefined;
    });
  }
  assert.equal((await openSecret(good, 'web', opener)).toString(), 'the-value', 'control');
});

test('whose files they are', () => {
  assert.deepEqual(ownerOf(''), { uid: 0, gid: 0, isCertain: true });
  assert.deepEqual(ownerOf('root'), { uid: 0, gid: 0, isCertain: true });
  assert.deepEqual(ownerOf('1000'), { uid: 1000, gid: 0, isCertain: true });
  assert.deepEqual(ownerOf('70:71'), { uid: 70, gid: 71, isCertain: true });
  assert.deepEqual(ownerOf('node:node'), { uid: 0, gid: 0, isCertain: false });
});

test('where they are opened', () => {
  assert.deepEqual(secretsPlace('n1', {}), { directory: '/run/overseer-agent/n1', isGiven: false });
  assert.deepEqual(secretsPlace('n1', { OVERSEER_SECRETS_DIR: '/x' }), { directory: '/x/n1', isGiven: true });
  assert.deepEqual(secretsPlace('n1', { RUNTIME_DIRECTORY: '/run/a:/run/b' }), {
    directory: '/run/a/n1',
    isGiven: true,
  });
});
