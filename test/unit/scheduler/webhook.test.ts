import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { hookMeaning } from '#services/scheduler/sources/hook.ts';
import { type Webhooks, webhooks } from '#services/scheduler/sources/webhook-secret.ts';

const source = { repository: 'https://forge.example/team/shop.git', ref: 'main' };
const meaning = (body: unknown, of = source) => hookMeaning(typeof body === 'string' ? body : JSON.stringify(body), of);
const isTaken = (body: unknown, of = source) => meaning(body, of).look;

describe('the body of a webhook', () => {
  const repository = { clone_url: 'https://forge.example/team/shop.git', ssh_url: 'git@forge.example:team/shop.git' };

  test('of a push to our ref makes us look, from each forge', () => {
    assert.equal(isTaken({ ref: 'refs/heads/main', repository }), true, 'GitHub, Gitea, Forgejo');
    const project = { git_http_url: 'https://forge.example/team/shop.git', web_url: 'https://forge.example/team/shop' };
    assert.equal(isTaken({ object_kind: 'push', ref: 'refs/heads/main', project }), true, 'GitLab');
    assert.equal(
      isTaken(`payload=${encodeURIComponent(JSON.stringify({ ref: 'refs/heads/main', repository }))}`),
      true,
    );
    assert.equal(isTaken({ ref: 'refs/tags/v1', repository }, { ...source, ref: 'v1' }), true);
    assert.equal(isTaken({ ref: 'refs/heads/x', repository }, { ...source, ref: 'a'.repeat(40) }), true);
  });

  test('is known under each address of the repository, inside and outside', () => {
    for (const address of [
      'git@forge.internal:team/shop',
      'ssh://git@forge:2222/team/shop.git',
      'http://10.0.0.1/git/team/shop.git',
    ]) {
      assert.equal(isTaken({ ref: 'refs/heads/main', repository }, { ...source, repository: address }), true, address);
    }
  });

  test('of something else does not', () => {
    assert.deepEqual(meaning({ ref: 'refs/heads/dev', repository }), {
      look: false,
      reason: 'the push was to another ref than main',
    });
    assert.equal(
      isTaken({ ref: 'refs/heads/main', repository: { clone_url: 'https://forge.example/team/other.git' } }),
      false,
    );
    assert.equal(isTaken({ ref: 'refs/heads/feature/main', repository }), false);
    assert.equal(isTaken({ zen: 'x', hook_id: 1, repository }), false);
  });

  test('that nobody understands makes us look', () => {
    for (const body of ['', 'null', '[]', '"x"', '{', {}, { ref: 7 }, { repository: 'x' }]) {
      assert.equal(isTaken(body), true, JSON.stringify(body));
    }
    fc.assert(fc.property(fc.json(), (body) => typeof hookMeaning(body, source).look === 'boolean'));
  });
});

describe("a webhook's secret", () => {
  let data: string;
  let hooks: Webhooks;
  before(() => {
    data = mkdtempSync(join(tmpdir(), 'ovs-hooks-'));
    hooks = webhooks(data);
  });
  after(() => rmSync(data, { recursive: true, force: true }));

  test('is the same after a restart, another for each stack and each core', () => {
    assert.equal(webhooks(data).secretOf('web'), hooks.secretOf('web'));
    assert.notEqual(hooks.secretOf('web'), hooks.secretOf('db'));
    const other = mkdtempSync(join(tmpdir(), 'ovs-hooks-'));
    assert.notEqual(webhooks(other).secretOf('web'), hooks.secretOf('web'));
    rmSync(other, { recursive: true });
    assert.match(hooks.secretOf('web'), /^[\w-]{43}$/);
  });

  test('comes from a key that its owner alone reads', () => {
    const file = join(data, 'keys', 'webhook.key');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(Buffer.from(readFileSync(file, 'utf8'), 'base64url').length, 32);
  });

  test('opens for the HMAC of exactly these bytes, or for itself as a token', () => {
    const body = Buffer.from([0, 1, 0xff, 0x0a]);
    const secret = hooks.secretOf('web');
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const genuine = (given: object) => hooks.isGenuine('web', { signature: null, token: null, body, ...given });
    assert.equal(genuine({ signature }), true);
    assert.equal(genuine({ token: secret }), true);
    assert.equal(genuine({}), false);
    assert.equal(genuine({ signature: '' }), false);
    assert.equal(genuine({ signature, body: Buffer.from([0, 1, 0xff]) }), false);
    assert.equal(genuine({ signature: signature.slice(7) }), false);
    assert.equal(genuine({ signature: 'sha256=', token: secret }), false, 'a wrong signature is not saved by a token');
    assert.equal(genuine({ token: hooks.secretOf('db') }), false);
    assert.equal(hooks.isGenuine('db', { signature, token: null, body }), false);
  });
});
