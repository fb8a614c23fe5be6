// Keys, JWTs and names, without a server.
import assert from 'node:assert/strict';
import { createHash, randomBytes, verify } from 'node:crypto';
import { test } from 'node:test';
import { fromPublic, fromSeed } from '@nats-io/nkeys';
import fc from 'fast-check';
import { newId } from '#infra/ids.ts';
import { fromBase32, toBase32 } from '#infra/nats/base32.ts';
import { mintUser, newUserKey, userKey, verifyingKey } from '#infra/nats/credentials.ts';
import { decodeJwt, encodeJwt } from '#infra/nats/jwt.ts';
import { isSignedWith, newKey } from '#infra/nats/keys.ts';
import { OverseerError } from '#subjects/errors.ts';

test('base32 is read back as it was written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      assert.deepEqual(fromBase32(toBase32(bytes)), Buffer.from(bytes));
    }),
  );
  assert.throws(() => fromBase32('a1'), RangeError);
});

test('keys are those of the NKey package, signatures too', () => {
  for (const kind of ['operator', 'account', 'user'] as const) {
    const key = newKey(kind);
    const theirs = fromSeed(Buffer.from(key.seed));
    const bytes = randomBytes(50);
    assert.equal(key.publicKey, theirs.getPublicKey());
    assert.ok(fromPublic(key.publicKey).verify(bytes, key.sign(bytes)));
    assert.ok(isSignedWith(key.publicKey, bytes, theirs.sign(bytes)));
    assert.ok(!isSignedWith(key.publicKey, randomBytes(50), theirs.sign(bytes)));
  }
});

test('the key of a user signs and is verified by its public form', () => {
  const { seed, publicKey } = newUserKey();
  const signature = userKey(seed).sign(Buffer.from('x'));
  assert.match(publicKey, /^U[A-Z2-7]{55}$/);
  assert.ok(verify(null, Buffer.from('x'), verifyingKey(publicKey), signature));
  assert.throws(() => verifyingKey(`${publicKey.slice(0, -1)}${publicKey.endsWith('A') ? 'B' : 'A'}`));
});

test('a JWT is read back; a changed, cut or foreign one is not', () => {
  const key = newKey('account');
  const claims = { sub: 'x', name: 'n', iat: 1, nats: { type: 'user', version: 2 } } as const;
  const jwt = encodeJwt(claims, key);
  const [header, body, signature] = jwt.split('.') as [string, string, string];
  assert.equal(decodeJwt(jwt)?.iss, key.publicKey);
  const jti = toBase32(
    createHash('sha256')
      .update(JSON.stringify({ iss: key.publicKey, ...claims }))
      .digest(),
  );
  assert.equal(decodeJwt(jwt)?.jti, jti);
  const forged = Buffer.from(JSON.stringify({ ...decodeJwt(jwt), name: 'other' })).toString('base64url');
  for (const bad of [
    `${header}.${forged}.${signature}`,
    `${header}.${body}.`,
    `${header}.${body}`,
    '',
    'a.b.c',
    `${jwt}.x`,
  ]) {
    assert.equal(decodeJwt(bad), null, bad);
  }
  const none = Buffer.from(JSON.stringify({ typ: 'JWT', alg: 'none' })).toString('base64url');
  assert.equal(decodeJwt(`${none}.${body}.${signature}`), null);
});

const account = newKey('account');
const minting = { accountId: account.publicKey, scopedSeed: newKey('account').seed, publicKey: newUserKey().publicKey };

test('a credential carries neither rights nor limits', () => {
  const name = newId();
  const claims = decodeJwt(mintUser({ ...minting, name, expiresAt: new Date(2_000_000_000_000) }));
  assert.deepEqual(claims?.nats, { type: 'user', version: 2, issuer_account: account.publicKey });
  assert.equal(claims?.exp, 2_000_000_000);
});

const NAMES = [
  '*',
  '>',
  'a.b',
  'a.>',
  '',
  ' ',
  '.a',
  '$SYS',
  'nöde',
  'a'.repeat(64),
  'registry',
  'r-*',
  'r-a.b',
  'r-',
  'R-a',
];

test('names that would widen rights are refused for everybody', () => {
  for (const principal of ['node', 'reader', 'reader-audit', 'registry', 'provisioner', 'claims'] as const) {
    for (const name of NAMES.filter((name) => name !== principal)) {
      const mint = () => mintUser({ ...minting, principal, name });
      assert.throws(mint, (e) => e instanceof OverseerError && e.code === 'invalid-name', `${principal} ${name}`);
    }
  }
  assert.throws(() => mintUser({ ...minting, name: newId(), publicKey: 'nonsense' }));
});

test('a reader can never be called as a service is', () => {
  for (const name of ['audit', 'scheduler', 'registry', 'logs', 'gateway', newId()]) {
    assert.throws(() => mintUser({ ...minting, principal: 'reader', name }));
  }
  assert.ok(mintUser({ ...minting, principal: 'reader', name: 'r-billing' }));
});
