// Account claims that must never reach a server: each fault is found before the push.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountClaims, type PublicKeys } from '#infra/nats/account-claims.ts';
import { claimsFaults, type Expected, pruned } from '#infra/nats/claims-check.ts';
import { decodeJwt, encodeJwt, type SignedClaims } from '#infra/nats/jwt.ts';
import { newKey } from '#infra/nats/keys.ts';
import { layout } from '#subjects/accounts.ts';
import { ACCOUNTS, type Account, PRINCIPALS } from '#subjects/principals.ts';

const signer = newKey('operator');
const accountKeys = Object.fromEntries(ACCOUNTS.map((name) => [name, newKey('account')]));
const keys = {
  accounts: Object.fromEntries(ACCOUNTS.map((name) => [name, accountKeys[name]?.publicKey])),
  scoped: Object.fromEntries(PRINCIPALS.map((name) => [name, newKey('account').publicKey])),
} as unknown as PublicKeys;

function expected(account: Account): Expected {
  return { account, layout: layout(), keys, issuer: signer.publicKey, revocations: {} };
}

function made(account: Account, change: (nats: Record<string, unknown>) => void = () => {}, by = signer, exp?: number) {
  const nats = structuredClone(accountClaims(account, layout(), keys, {})) as unknown as Record<string, unknown>;
  change(nats);
  const claims = { sub: keys.accounts[account], name: account, iat: 1, ...(exp ? { exp } : {}), nats };
  return decodeJwt(encodeJwt(claims as unknown as SignedClaims, by));
}

test('what the contract yields has no fault', () => {
  for (const account of ACCOUNTS) assert.deepEqual(claimsFaults(made(account), expected(account)), []);
});

test('STORE alone has JetStream', () => {
  for (const account of ACCOUNTS) {
    const limits = made(account)?.nats['limits'] as Record<string, unknown>;
    assert.equal('disk_storage' in limits, account === 'STORE', account);
    assert.equal(limits['conn'], -1);
    assert.equal(limits['disallow_bearer'], true);
  }
});

const faults: readonly (readonly [string, () => SignedClaims | null, RegExp])[] = [
  ['truncated', () => null, /not a JWT/],
  ['signed by itself', () => made('FLEET', () => {}, accountKeys['FLEET']), /not signed by the operator/],
  ['about another account', () => made('LOGS'), /not about account FLEET/],
  ['expiring', () => made('FLEET', () => {}, signer, 2), /expires/],
  [
    'with JetStream',
    () => made('FLEET', (n) => Object.assign(n['limits'] as object, { disk_storage: 1 })),
    /JetStream/,
  ],
  ['with an export more', () => made('FLEET', (n) => (n['exports'] as object[]).push({ subject: '>' })), /differs/],
  ['without default permissions', () => made('FLEET', (n) => delete n['default_permissions']), /differs/],
  ['forgetting a revocation', () => made('FLEET', (n) => Object.assign(n, { revocations: { U: 1 } })), /differs/],
];

for (const [what, claims, fault] of faults) {
  test(`refused: ${what}`, () => assert.match(claimsFaults(claims(), expected('FLEET')).join('; '), fault));
}

test('STORE without its limits would lose JetStream at once, and is refused', () => {
  const claims = made('STORE', (nats) => delete (nats['limits'] as Record<string, unknown>)['disk_storage']);
  assert.match(claimsFaults(claims, expected('STORE')).join(), /JetStream limits/);
});

test('a layout with overlapping exports is refused', () => {
  const overlapping = layout();
  const doubled = { ...overlapping, exports: [...overlapping.exports, overlapping.exports[0]] as never };
  assert.match(claimsFaults(made('FLEET'), { ...expected('FLEET'), layout: doubled }).join(), /overlap/);
});

test('a revocation is kept as long as a credential of before may live', () => {
  assert.deepEqual(pruned({ old: 10, new: 95 }, 100, 50), { new: 95 });
});
