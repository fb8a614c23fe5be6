// Stacks that come from git, on a scheduler with a real bus, database and git server: pinned at put, looked at again by
// interval, hook and hand, deployed only when their own path changed, and never disturbed by a source that fails.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import type { OutputOf } from '#infra/nats/bus.ts';
import { seal } from '#infra/sealing/age.ts';
import { lockPlacement } from '#services/scheduler/store/rows.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { StackSpec } from '#subjects/schema/stack.ts';
import { type GitServer, startGitServer, type TestRepository } from '#test/harness/git-server.ts';
import { until } from '#test/harness/until.ts';
import { type Core, operator, SOON_MS, startCore } from './core.ts';

let core: Core;
let server: GitServer;
let node: Node;

before(async () => {
  [core, server] = await Promise.all([startCore(), startGitServer()]);
  await core.startScheduler();
  await core.startScheduler();
  node = await core.enroll('node-1');
});
after(async () => {
  await core.stop();
  await server.stop();
});
afterEach(() => server.protect(null));

const compose = (image: string) => `services:\n  web:\n    image: ${image}\n`;

function put(name: string, repository: TestRepository, more: Partial<StackSpec> = {}, source = {}) {
  const spec: StackSpec = {
    source: { repository: repository.url, ref: 'main', path: name, everySeconds: 0, ...source },
    targets: { nodes: [node.id] },
    ...more,
  };
  return core.ask('putStack', { by: operator(), name, spec, onRevision: null });
}

const stack = (name: string) => core.ask('getStack', { name });
const sync = (name: string) => core.ask('syncStack', { by: operator(), name });

async function hook(name: string, body: unknown, secret: string) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const signature = `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
  return core.ask('gitHook', { name, signature, token: null, body: bytes.toString('base64') });
}

async function waitingForLock(): Promise<number> {
  const [row] = await core.database.em().execute(
    `select count(*)::int as n from pg_locks l join pg_database d on d.oid = l.database
       where d.datname = current_database() and locktype = 'advisory' and not granted`,
  );
  return (row as { n: number }).n;
}

async function refusedWith(code: string, work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => assert.fail('it was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof OverseerError, String(error));
  assert.equal(error.code, code, error.message);
  return error.message;
}

describe('a stack from git', () => {
  test('is pinned by the commit of its revision, and reaches its node with its files', async () => {
    const repository = server.repository('pinned');
    const commit = repository.commit({
      'web/compose.yaml': compose('busybox:1'),
      'web/conf/a.ini': 'a',
      'web/.env': 'A=committed\nB=committed\n',
    });
    const answer = await put('web', repository, { env: { B: 'sent' } });
    assert.deepEqual([answer.revision, answer.changed], [1, true]);
    const document = await core.documentWith(node, 'the stack', ({ stacks }) =>
      stacks.some(({ name }) => name === 'web'),
    );
    const desired = document.stacks.find(({ name }) => name === 'web');
    assert.equal(desired?.compose, compose('busybox:1'));
    assert.deepEqual(desired?.files, { 'conf/a.ini': 'a' });
    assert.deepEqual(desired?.env, { A: 'committed', B: 'sent' });
    const found = await stack('web');
    assert.deepEqual([found.source?.commit, found.source?.seen, found.source?.error], [commit, commit, null]);
    assert.deepEqual([found.spec.compose, found.spec.env, found.spec.files], [undefined, { B: 'sent' }, {}]);
    assert.equal(found.compose, compose('busybox:1'));
    const { items } = await core.ask('listRevisions', { name: 'web' });
    assert.deepEqual(
      items.map((revision) => revision.commit),
      [commit],
    );
    assert.equal((await put('web', repository, { env: { B: 'sent' } })).changed, false, 'the same once more');
  });

  test('is deployed again only when its own path changed', async () => {
    const repository = server.repository('paths');
    const first = repository.commit({ 'own/compose.yaml': compose('busybox:1'), 'other/compose.yaml': compose('x') });
    await put('own', repository);
    const other = repository.commit({ 'other/compose.yaml': compose('y'), 'README.md': 'hello' });
    const untouched = await sync('own');
    assert.deepEqual([untouched.revision, untouched.changed], [1, false]);
    assert.deepEqual([untouched.source?.commit, untouched.source?.seen], [first, other]);
    const second = repository.commit({ 'own/compose.yaml': compose('busybox:2') });
    const moved = await sync('own');
    assert.deepEqual([moved.revision, moved.changed, moved.source?.commit], [2, true, second]);
    await core.documentWith(node, 'revision 2', ({ stacks }) =>
      stacks.some(({ name, compose: text }) => name === 'own' && text === compose('busybox:2')),
    );
    assert.deepEqual([(await sync('own')).changed, (await sync('own')).revision], [false, 2], 'nothing new');
    const { items } = await core.ask('listRevisions', { name: 'own' });
    assert.deepEqual(
      items.map(({ commit }) => commit),
      [second, first],
    );
  });

  test('is looked at by its interval', async () => {
    const repository = server.repository('polled');
    repository.commit({ 'polled/compose.yaml': compose('busybox:1') });
    await put('polled', repository, {}, { everySeconds: 1 });
    repository.commit({ 'polled/compose.yaml': compose('busybox:2') });
    await until(async () => (await stack('polled')).revision === 2, SOON_MS, 'the new revision');
    repository.git('rm', '-r', '--quiet', 'polled');
    repository.commit({ 'README.md': 'nothing else' });
    const failed = await until(
      async () => {
        const now = await stack('polled');
        return now.source?.error ? now : null;
      },
      SOON_MS,
      'the failure to be noted',
    );
    assert.match(failed.source?.error ?? '', /there is no "polled"/);
    assert.equal(failed.revision, 2, 'what runs is left in peace');
    repository.commit({ 'polled/compose.yaml': compose('busybox:3') });
    const healed = await sync('polled');
    assert.deepEqual([healed.revision, healed.source?.error], [3, null]);
    await core.remove('polled');
    await until(
      async () => {
        const rows = await core.database.em().execute(`select 1 from source_checks where stack = 'polled'`);
        return (rows as unknown[]).length === 0;
      },
      SOON_MS,
      'nobody to look any more',
    );
  });

  test('what somebody went back from by hand stays away until the source itself says something else', async () => {
    const repository = server.repository('regretted');
    const good = repository.commit({ 'back/compose.yaml': compose('busybox:1') });
    await put('back', repository);
    const bad = repository.commit({ 'back/compose.yaml': compose('busybox:2') });
    assert.equal((await sync('back')).revision, 2);
    await core.ask('rollbackStack', { by: operator(), name: 'back', revision: 1 });
    assert.deepEqual([(await stack('back')).revision, (await stack('back')).source?.commit], [3, good]);
    const kept = async (what: string) => {
      const { revision, changed, reason = '' } = await sync('back');
      assert.deepEqual([revision, changed], [3, false], what);
      return reason;
    };
    assert.match(await kept('the same commit'), new RegExp(`put the stack to deploy commit ${bad.slice(0, 12)} again`));
    const unrelated = repository.commit({ 'README.md': 'elsewhere' });
    assert.match(await kept('an unrelated push'), new RegExp(unrelated.slice(0, 12)));
    server.protect({ user: 'robot', password: 'x' });
    assert.equal(await kept('a failed look'), '');
    assert.notEqual((await stack('back')).source?.error, null);
    server.protect(null);
    await kept('a look after a failed one');
    assert.equal((await stack('back')).source?.error, null);
    repository.commit({ 'back/compose.yaml': compose('busybox:3') });
    assert.deepEqual([(await sync('back')).revision, (await stack('back')).compose], [4, compose('busybox:3')]);
    await core.ask('rollbackStack', { by: operator(), name: 'back', revision: 1 });
    assert.equal((await put('back', repository)).revision, 6, 'putting it is meant');
  });

  test('what changes of the stack while its source is looked at loses nothing of either', async () => {
    const repository = server.repository('busy');
    repository.commit({ 'busy/compose.yaml': compose('busybox:1') });
    await put('busy', repository);
    repository.commit({ 'busy/compose.yaml': compose('busybox:2') });
    const given: OutputOf<'webhookSecret'> = await core.ask('webhookSecret', { name: 'busy' });
    // Held up where the look is stored, so that the change comes between its fetch and its end.
    const lock = core.database.em().fork();
    await lock.begin();
    await lockPlacement(lock);
    const scaled = core.ask('actOnStack', {
      ...{ by: operator(), name: 'busy', action: 'scale' },
      body: { services: ['web'], replicas: 3 },
    });
    await until(async () => (await waitingForLock()) >= 1, SOON_MS, 'the change to wait');
    await hook('busy', { ref: 'refs/heads/main' }, given.secret);
    await until(async () => (await waitingForLock()) >= 2, SOON_MS, 'the look to wait behind it');
    await lock.commit();
    assert.equal((await scaled).changed, true);
    const after = await until(
      async () => {
        const now = await stack('busy');
        return now.compose === compose('busybox:2') ? now : null;
      },
      SOON_MS,
      'the commit that was fetched',
    );
    assert.deepEqual([after.revision, after.spec.scale], [3, { web: 3 }]);
  });

  test('a source that can not be used is told in its own words, and nothing is stored', async () => {
    const repository = server.repository('unusable');
    repository.commit({ 'bad/compose.yaml': 'services: [', 'good/compose.yaml': compose('x') });
    assert.match(await refusedWith('source-unusable', put('none', repository)), /there is no "none"/);
    assert.match(
      await refusedWith('source-unusable', put('gone', { ...repository, url: `${server.url}/gone.git` })),
      /not found/,
    );
    await refusedWith('compose-malformed', put('bad', repository));
    for (const name of ['none', 'gone', 'bad']) await refusedWith('stack-not-found', stack(name));
    await put('good', repository);
    repository.commit({ 'good/compose.yaml': 'services: [' });
    const broken = await sync('good');
    assert.deepEqual([broken.revision, broken.changed], [1, false]);
    assert.match(broken.source?.error ?? '', /compose.yaml/);
  });

  test('a repository that asks for a login gets the sealed credential, and no file keeps it', async () => {
    const repository = server.repository('closed');
    repository.commit({ 'closed/compose.yaml': compose('x') });
    server.protect({ user: 'robot', password: 'correct horse' });
    const { core: recipients, version } = await core.ask('secretRecipients', { name: 'forge' });
    const sealed = (await seal(Buffer.from('robot:correct horse'), recipients)).toString('base64');
    await core.ask('putSecret', { by: operator(), name: 'forge', version, description: null, sealed, nodes: [] });
    await refusedWith('source-unusable', put('closed', repository));
    const answer = await put('closed', repository, {}, { credential: 'forge' });
    assert.equal(answer.revision, 1);
    assert.match(await refusedWith('source-unusable', put('closed', repository, {}, { credential: 'gone' })), /"gone"/);
    assert.deepEqual(
      readdirSync('/dev/shm').filter((name) => name.startsWith('overseer-git-')),
      [],
    );
  });
});

describe('a webhook', () => {
  let repository: TestRepository;
  let secret: string;
  before(async () => {
    repository = server.repository('hooked');
    repository.commit({ 'hooked/compose.yaml': compose('busybox:1') });
    await put('hooked', repository);
    const given: OutputOf<'webhookSecret'> = await core.ask('webhookSecret', { name: 'hooked' });
    assert.equal(given.path, '/api/hooks/git/hooked');
    secret = given.secret;
  });

  const push = (ref = 'refs/heads/main') => ({ ref, repository: { clone_url: `${repository.url}` } });

  test('of whoever knows the secret makes the core look; the same again is harmless', async () => {
    repository.commit({ 'hooked/compose.yaml': compose('busybox:2') });
    assert.deepEqual(await hook('hooked', push(), secret), { accepted: true, reason: null });
    await until(async () => (await stack('hooked')).revision === 2, SOON_MS, 'the new revision');
    const { deployment } = await stack('hooked');
    const { checkedAt } = (await stack('hooked')).source ?? {};
    for (let times = 0; times < 5; times += 1) await hook('hooked', push(), secret);
    await until(async () => (await stack('hooked')).source?.checkedAt !== checkedAt, SOON_MS, 'another look');
    assert.deepEqual([(await stack('hooked')).revision, (await stack('hooked')).deployment], [2, deployment]);
    assert.deepEqual(
      await core.ask('gitHook', {
        ...{ name: 'hooked', signature: null, token: secret },
        body: Buffer.from(JSON.stringify({ ref: 'refs/heads/main' })).toString('base64'),
      }),
      { accepted: true, reason: null },
      "GitLab's token",
    );
  });

  test('without the secret is refused, whatever else is right', async () => {
    const other = await core.ask('webhookSecret', { name: 'own' });
    for (const wrong of ['', 'x', other.secret, secret.toLowerCase(), `${secret}x`]) {
      assert.equal((await hook('hooked', push(), wrong)).accepted, false);
    }
    const body = Buffer.from(JSON.stringify(push()));
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const ask = (given: object) =>
      core.ask('gitHook', { name: 'hooked', signature: null, token: null, body: body.toString('base64'), ...given });
    assert.equal((await ask({})).accepted, false, 'nothing given');
    assert.equal((await ask({ token: other.secret })).accepted, false);
    assert.equal((await ask({ signature: signature.slice(0, -1) })).accepted, false);
    assert.equal((await ask({ signature: signature.replace('sha256', 'sha1') })).accepted, false);
    assert.equal((await ask({ signature, body: Buffer.from(`${body} `).toString('base64') })).accepted, false);
    assert.equal((await ask({ signature, name: 'own' })).accepted, false, "another stack's");
    assert.equal((await hook('not-there', push(), secret)).accepted, false);
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
      const answer = await hook('hooked', body, secret);
      assert.equal(answer.accepted, true);
      assert.match(answer.reason ?? '', reason);
    }
    assert.deepEqual(await hook('hooked', 'no JSON at all', secret), { accepted: true, reason: null });
  });

  test('is for stacks from git', async () => {
    await core.put('sent', {});
    await refusedWith('source-unusable', core.ask('webhookSecret', { name: 'sent' }));
    await refusedWith('stack-not-found', core.ask('webhookSecret', { name: 'gone' }));
  });
});
