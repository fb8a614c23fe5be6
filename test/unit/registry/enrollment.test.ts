// Who may become a node, decided without a database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideEnrollment, excessiveSkew } from '#services/registry/enrollment.ts';

const now = new Date('2026-01-01T12:00:00Z');
const later = new Date(now.getTime() + 1000);
const token = { id: 't', uses: 1, used: 0, expiresAt: later, revokedAt: null };
const other = { id: 'n', enrollmentToken: 'another' };
const same = { id: 'n', enrollmentToken: 't' };

function verdict(
  stored: Parameters<typeof decideEnrollment>[0],
  owner: Parameters<typeof decideEnrollment>[1],
): string {
  const decision = decideEnrollment(stored, owner, now);
  return decision.kind === 'refused' ? decision.code : decision.kind;
}

test('a fresh token and a fresh key make a node', () => assert.equal(verdict(token, null), 'new'));
test('a token nobody knows', () => assert.equal(verdict(null, null), 'token-unknown'));
test('a used token', () => assert.equal(verdict({ ...token, used: 1 }, null), 'token-used'));
test('a used token, another key', () => assert.equal(verdict({ ...token, used: 1 }, other), 'token-used'));
test('a revoked token', () => assert.equal(verdict({ ...token, revokedAt: now }, null), 'token-revoked'));
test('a key that is another node', () => assert.equal(verdict(token, other), 'key-taken'));
test('it has expired in the very moment', () =>
  assert.equal(verdict({ ...token, expiresAt: now }, null), 'token-expired'));
test('a token for three nodes is good until the third', () => {
  assert.equal(verdict({ ...token, uses: 3, used: 2 }, null), 'new');
  assert.equal(verdict({ ...token, uses: 3, used: 3 }, null), 'token-used');
});

test('the same key with the same token is answered again, whatever became of the token since', () => {
  const flags = fc.record({ used: fc.nat(5), expired: fc.boolean(), revoked: fc.boolean() });
  fc.assert(
    fc.property(flags, ({ used, expired, revoked }) => {
      const stored = { ...token, used, expiresAt: expired ? now : later, revokedAt: revoked ? now : null };
      assert.deepEqual(decideEnrollment(stored, same, now), { kind: 'again', node: 'n' });
    }),
  );
});

test('clocks may differ by five minutes, either way', () => {
  const shifted = (ms: number) => excessiveSkew(new Date(now.getTime() + ms), now);
  assert.equal(shifted(300_000), null);
  assert.equal(shifted(-300_000), null);
  assert.equal(shifted(300_001), 300_001);
  assert.equal(shifted(-86_400_000), -86_400_000);
});
