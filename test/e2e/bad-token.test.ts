// Enrollment tokens that must add no node: expired, used, revoked, of another core, forged, edited, and a wrong proof.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newApplicant, registration } from '#test/harness/applicant.ts';
import { expectStatus } from '#test/harness/fleet.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

describe('enrollment tokens', () => {
  let system: System;
  let stranger: System;
  before(async () => {
    system = await startSystem({ dockerHost: null });
    stranger = await startSystem({ dockerHost: null });
  });
  after(async () => {
    await stranger?.stop();
    await system?.stop();
  });

  async function issue(on: System, spec: object = {}): Promise<{ id: string; token: string; expiresAt: string }> {
    return expectStatus(await on.api('POST', '/api/enrollment-tokens', spec), 200, 201).body;
  }

  const register = (body: unknown) => system.api('POST', '/api/nodes/register', body, { token: null });

  async function refused(body: unknown, status: number, code: string): Promise<void> {
    const before = (await system.api('GET', '/api/nodes')).body.items.length;
    const answer = await register(body);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal(answer.body.code, code);
    assert.equal((await system.api('GET', '/api/nodes')).body.items.length, before);
  }

  test('a good one adds one node, and the same key gets the same node again', async () => {
    const { token } = await issue(system, { name: 'first' });
    const applicant = await newApplicant();
    const one = expectStatus(await register(registration(applicant, token)), 200, 201).body;
    const two = expectStatus(await register(registration(applicant, token)), 200, 201).body;
    assert.equal(one.node.id, two.node.id);
    assert.equal((await system.api('GET', '/api/nodes')).body.items.length, 1);
    await refused(registration(await newApplicant(), token), 409, 'token-used');
  });

  test('two that race for a single use make one node', async () => {
    const { token } = await issue(system);
    const applicants = await Promise.all(Array.from({ length: 8 }, () => newApplicant()));
    const answers = await Promise.all(applicants.map((applicant) => register(registration(applicant, token))));
    const won = answers.filter(({ status }) => status < 300);
    assert.equal(won.length, 1, JSON.stringify(answers.map(({ body }) => body.code)));
    for (const { status, body } of answers) if (status >= 300) assert.equal(body.code, 'token-used');
  });

  test('an expired one', async () => {
    const { token, expiresAt } = await issue(system, { ttlSeconds: 1 });
    await until(() => Date.now() > Date.parse(expiresAt) + 50, 5_000, 'the token to expire');
    await refused(registration(await newApplicant(), token), 401, 'token-expired');
  });

  test('a revoked one', async () => {
    const { id, token } = await issue(system);
    expectStatus(await system.api('DELETE', `/api/enrollment-tokens/${id}`), 200, 204);
    await refused(registration(await newApplicant(), token), 401, 'token-revoked');
  });

  test('one of another core', async () => {
    const { token } = await issue(stranger);
    await refused(registration(await newApplicant(), token), 401, 'token-unknown');
  });

  test('forged ones: another signature, a longer life, another node name in the claims', async () => {
    const { token } = await issue(system);
    const [head = '', signature = ''] = token.split('.');
    const prefix = 'ovs_enr_';
    const claims = JSON.parse(Buffer.from(head.slice(prefix.length), 'base64url').toString());
    const edited = { ...claims, exp: (claims.exp ?? 0) + 86_400 };
    const text = prefix + Buffer.from(JSON.stringify(edited)).toString('base64url');
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    for (const forged of [
      `${head}.${flipped}`,
      `${text}.${signature}`,
      `${head}.`,
      head,
      `${token}x`,
      'x'.repeat(200),
    ]) {
      const answer = await register(registration(await newApplicant(), forged));
      assert.equal(answer.status, 401, `${forged}: ${JSON.stringify(answer.body)}`);
      assert.equal(answer.body.code, 'token-unknown');
    }
    expectStatus(await register(registration(await newApplicant(), token)), 200, 201);
  });

  test('a proof by another key', async () => {
    const { token } = await issue(system);
    const thief = await newApplicant();
    const owner = await newApplicant();
    await refused({ ...registration(thief, token), publicKey: owner.publicKey }, 401, 'proof-invalid');
  });

  test('no token stands in the list, in the audit or in what the core printed', async () => {
    const { token } = await issue(system);
    const secret = token.split('.')[1] ?? token;
    for (const path of ['/api/enrollment-tokens', '/api/audit', '/api/events']) {
      assert.ok(!JSON.stringify((await system.api('GET', path)).body).includes(secret), path);
    }
    assert.ok(!system.output().includes(secret));
  });
});
