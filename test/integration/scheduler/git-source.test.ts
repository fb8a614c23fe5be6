// Stacks that come from git, on a scheduler with a real bus, database and git server: pinned at put, looked at again by
// interval and hand, deployed only when their own path changed, and never disturbed by a source that fails.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { seal } from '#infra/sealing/age.ts';
import { until } from '#test/harness/until.ts';
import { operator, SOON_MS } from './core.ts';
import { compose, type GitStacks, refusedWith, startGitStacks } from './git-stacks.ts';

let git: GitStacks;
before(async () => {
  git = await startGitStacks();
});
after(() => git?.stop());
afterEach(() => git.server.protect(null));

describe('a stack from git', () => {
  test('is pinned by the commit of its revision, and reaches its node with its files', async () => {
    const repository = git.server.repository('pinned');
    const commit = repository.commit({
      'web/compose.yaml': compose('busybox:1'),
      'web/conf/a.ini': 'a',
      'web/.env': 'A=committed\nB=committed\n',
    });
    const answer = await git.put('web', repository, { env: { B: 'sent' } });
    assert.deepEqual([answer.revision, answer.changed], [1, true]);
    const document = await git.core.documentWith(git.node, 'the stack', ({ stacks }) =>
      stacks.some(({ name }) => name === 'web'),
    );
    const desired = document.stacks.find(({ name }) => name === 'web');
    assert.equal(desired?.compose, compose('busybox:1'));
    assert.deepEqual(desired?.files, { 'conf/a.ini': 'a' });
    assert.deepEqual(desired?.env, { A: 'committed', B: 'sent' });
    const found = await git.stack('web');
    assert.deepEqual([found.source?.commit, found.source?.seen, found.source?.error], [commit, commit, null]);
    assert.deepEqual([found.spec.compose, found.spec.env, found.spec.files], [undefined, { B: 'sent' }, {}]);
    assert.equal(found.compose, compose('busybox:1'));
    const { items } = await git.core.ask('listRevisions', { name: 'web' });
    assert.deepEqual(
      items.map((revision) => revision.commit),
      [commit],
    );
    assert.equal((await git.put('web', repository, { env: { B: 'sent' } })).changed, false, 'the same once more');
  });

  test('is deployed again only when its own path changed', async () => {
    const repository = git.server.repository('paths');
    const first = repository.commit({ 'own/compose.yaml': compose('busybox:1'), 'other/compose.yaml': compose('x') });
    await git.put('own', repository);
    const other = repository.commit({ 'other/compose.yaml': compose('y'), 'README.md': 'hello' });
    const untouched = await git.sync('own');
    assert.deepEqual([untouched.revision, untouched.changed], [1, false]);
    assert.deepEqual([untouched.source?.commit, untouched.source?.seen], [first, other]);
    const second = repository.commit({ 'own/compose.yaml': compose('busybox:2') });
    const moved = await git.sync('own');
    assert.deepEqual([moved.revision, moved.changed, moved.source?.commit], [2, true, second]);
    await git.core.documentWith(git.node, 'revision 2', ({ stacks }) =>
      stacks.some(({ name, compose: text }) => name === 'own' && text === compose('busybox:2')),
    );
    assert.deepEqual([(await git.sync('own')).changed, (await git.sync('own')).revision], [false, 2], 'nothing new');
    const { items } = await git.core.ask('listRevisions', { name: 'own' });
    assert.deepEqual(
      items.map(({ commit }) => commit),
      [second, first],
    );
  });

  test('is looked at by its interval', async () => {
    const repository = git.server.repository('polled');
    repository.commit({ 'polled/compose.yaml': compose('busybox:1') });
    await git.put('polled', repository, {}, { everySeconds: 1 });
    repository.commit({ 'polled/compose.yaml': compose('busybox:2') });
    await until(async () => (await git.stack('polled')).revision === 2, SOON_MS, 'the new revision');
    repository.git('rm', '-r', '--quiet', 'polled');
    repository.commit({ 'README.md': 'nothing else' });
    const failed = await until(
      async () => {
        const now = await git.stack('polled');
        return now.source?.error ? now : null;
      },
      SOON_MS,
      'the failure to be noted',
    );
    assert.match(failed.source?.error ?? '', /there is no "polled"/);
    assert.equal(failed.revision, 2, 'what runs is left in peace');
    repository.commit({ 'polled/compose.yaml': compose('busybox:3') });
    const healed = await git.sync('polled');
    assert.deepEqual([healed.revision, healed.source?.error], [3, null]);
    await git.core.remove('polled');
    await until(
      async () => {
        const rows = await git.core.database.em().execute(`select 1 from source_checks where stack = 'polled'`);
        return (rows as unknown[]).length === 0;
      },
      SOON_MS,
      'nobody to look any more',
    );
  });

  test('a source that can not be used is told in its own words, and nothing is stored', async () => {
    const repository = git.server.repository('unusable');
    repository.commit({ 'bad/compose.yaml': 'services: [', 'good/compose.yaml': compose('x') });
    assert.match(await refusedWith('source-unusable', git.put('none', repository)), /there is no "none"/);
    assert.match(
      await refusedWith('source-unusable', git.put('gone', { ...repository, url: `${git.server.url}/gone.git` })),
      /not found/,
    );
    await refusedWith('compose-malformed', git.put('bad', repository));
    for (const name of ['none', 'gone', 'bad']) await refusedWith('stack-not-found', git.stack(name));
    await git.put('good', repository);
    repository.commit({ 'good/compose.yaml': 'services: [' });
    const broken = await git.sync('good');
    assert.deepEqual([broken.revision, broken.changed], [1, false]);
    assert.match(broken.source?.error ?? '', /compose.yaml/);
  });

  test('a repository that asks for a login gets the sealed credential, and no file keeps it', async () => {
    const repository = git.server.repository('closed');
    repository.commit({ 'closed/compose.yaml': compose('x') });
    git.server.protect({ user: 'robot', password: 'correct horse' });
    const { core: recipients, version } = await git.core.ask('secretRecipients', { name: 'forge' });
    const sealed = (await seal(Buffer.from('robot:correct horse'), recipients)).toString('base64');
    await git.core.ask('putSecret', { by: operator(), name: 'forge', version, description: null, sealed, nodes: [] });
    await refusedWith('source-unusable', git.put('closed', repository));
    const answer = await git.put('closed', repository, {}, { credential: 'forge' });
    assert.equal(answer.revision, 1);
    assert.match(
      await refusedWith('source-unusable', git.put('closed', repository, {}, { credential: 'gone' })),
      /"gone"/,
    );
    assert.deepEqual(
      readdirSync('/dev/shm').filter((name) => name.startsWith('overseer-git-')),
      [],
    );
  });
});
