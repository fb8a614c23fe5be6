// Webhooks of forges: whoever knows the secret makes the core look, and nobody else.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { OutputOf } from '#infra/nats/bus.ts';
import type { TestRepository } from '#test/harness/git-server.ts';
import { until } from '#test/harness/until.ts';
import { SOON_MS } from './core.ts';
import { compose, type GitStacks, refusedWith, startGitStacks } from './git-stacks.ts';

let git: GitStacks;
before(async () => {
  git = await startGitStacks();
});
after(() => git?.stop());

describe('a webhook', () => {
  let repository: TestRepository;
  let secret: string;
  before(async () => {
    repository = git.server.repository('hooked');
    repository.commit({ 'hooked/compose.yaml': compose('busybox:1'), 'own/compose.yaml': compose('x') });
    await git.put('hooked', repository);
    await git.put('own', repository);
    const given: OutputOf<'webhookSecret'> = await git.core.ask('webhookSecret', { name: 'hooked' });
    assert.equal(given.path, '/api/hooks/git/hooked');
    secret = given.secret;
  });

  const push = (ref = 'refs/heads/main') => ({ ref, repository: { clone_url: `${repository.url}` } });

  test('of whoever knows the secret makes the core look; the same again is harmless', async () => {
    repository.commit({ 'hooked/compose.yaml': compose('busybox:2') });
    assert.deepEqual(await git.hook('hooked', push(), secret), { accepted: true, reason: null });
    await until(async () => (await git.stack('hooked')).revision === 2, SOON_MS, 'the new revision');
    const { deployment } = await git.stack('hooked');
    const { checkedAt } = (await git.stack('hooked')).source ?? {};
    for (let times = 0; times < 5; times += 1) await git.hook('hooked', push(), secret);
    await until(async () => (await git.stack('hooked')).source?.checkedAt !== checkedAt, SOON_MS, 'another look');
    assert.deepEqual([(await git.stack('hooked')).revision, (await git.stack('hooked')).deployment], [2, deployment]);
    assert.deepEqual(
      await git.core.ask('gitHook', {
        ...{ name: 'hooked', signature: null, token: secret },
        body: Buffer.from(JSON.stringify({ ref: 'refs/heads/main' })).toString('base64'),
      }),
      { accepted: true, reason: null },
      "GitLab's token",
    );
  });

  test('is heard while other stacks wait for hosts that hang', async () => {
    const waiting = new Set<Socket>();
    const hung = createServer((socket) => waiting.add(socket));
    await new Promise<void>((resolve) => hung.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(hung.address() as AddressInfo).port}/`;
    const names = ['hung-1', 'hung-2', 'hung-3'];
    try {
      repository.commit(Object.fromEntries(names.map((name) => [`${name}/compose.yaml`, compose('x')])));
      for (const name of names) await git.put(name, repository);
      await git.core.database.em().execute(
        `update stacks set settings = settings || jsonb_build_object('source',
             settings->'source' || jsonb_build_object('everySeconds', 1, 'repository', ?::text || name))
           where name like 'hung-%'`,
        [url],
      );
      await until(async () => waiting.size >= 2, SOON_MS, 'both schedulers to wait for it');
      repository.commit({ 'hooked/compose.yaml': compose('busybox:3') });
      await git.hook('hooked', push(), secret);
      await until(async () => (await git.stack('hooked')).compose === compose('busybox:3'), SOON_MS, 'the hook');
    } finally {
      hung.close();
      for (const socket of waiting) socket.destroy();
    }
    for (const name of names) await git.core.remove(name);
  });

  test('without the secret is refused, whatever else is right', async () => {
    const other = await git.core.ask('webhookSecret', { name: 'own' });
    for (const wrong of ['', 'x', other.secret, secret.toLowerCase(), `${secret}x`]) {
      assert.equal((await git.hook('hooked', push(), wrong)).accepted, false);
    }
    const body = Buffer.from(JSON.stringify(push()));
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const ask = (given: object) =>
      git.core.ask('gitHook', {
        name: 'hooked',
        signature: null,
        token: null,
        body: body.toString('base64'),
        ...given,
      });
    assert.equal((await ask({})).accepted, false, 'nothing given');
    assert.equal((await ask({ token: other.secret })).accepted, false);
    assert.equal((await ask({ signature: signature.slice(0, -1) })).accepted, false);
    assert.equal((await ask({ signature: signature.replace('sha256', 'sha1') })).accepted, false);
    assert.equal((await ask({ signature, body: Buffer.from(`${body} `).toString('base64') })).accepted, false);
    assert.equal((await ask({ signature, name: 'own' })).accepted, false, "another stack's");
    assert.equal((await git.hook('not-there', push(), secret)).accepted, false);
    assert.equal((await ask({ signature })).accepted, true, 'the control: right, it is taken');
  });

  test('that speaks of something else is taken and left alone, with the reason', async () => {
    const cases: [unknown, RegExp][] = [
      [push('refs/heads/other'), /another ref/],
      [
        { ref: 'refs/heads/main', repository: { clone_url: 'https://forge.example/some/thing.git' } },
        /another repository/,
      ],
      [{ zen: 'Design for failure.', hook_id: 1 }, /ping/],
    ];
    for (const [body, reason] of cases) {
      const answer = await git.hook('hooked', body, secret);
      assert.equal(answer.accepted, true);
      assert.match(answer.reason ?? '', reason);
    }
    assert.deepEqual(await git.hook('hooked', 'no JSON at all', secret), { accepted: true, reason: null });
  });

  test('is for stacks from git', async () => {
    await git.core.put('sent', {});
    await refusedWith('source-unusable', git.core.ask('webhookSecret', { name: 'sent' }));
    await refusedWith('stack-not-found', git.core.ask('webhookSecret', { name: 'gone' }));
  });
});
