// What a stack from git keeps against its source: a rollback by hand, and what changes of it during a look.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { OutputOf } from '#infra/nats/bus.ts';
import { lockPlacement } from '#services/scheduler/store/rows.ts';
import { until } from '#test/harness/until.ts';
import { operator, SOON_MS } from './core.ts';
import { compose, type GitStacks, startGitStacks } from './git-stacks.ts';

let git: GitStacks;
before(async () => {
  git = await startGitStacks();
});
after(() => git?.stop());
afterEach(() => git.server.protect(null));

async function waitingForLock(): Promise<number> {
  const [row] = await git.core.database.em().execute(
    `select count(*)::int as n from pg_locks l join pg_database d on d.oid = l.database
       where d.datname = current_database() and locktype = 'advisory' and not granted`,
  );
  return (row as { n: number }).n;
}

describe('a stack from git keeps', () => {
  test('what somebody went back from by hand stays away until the source itself says something else', async () => {
    const repository = git.server.repository('regretted');
    const good = repository.commit({ 'back/compose.yaml': compose('busybox:1') });
    await git.put('back', repository);
    const bad = repository.commit({ 'back/compose.yaml': compose('busybox:2') });
    assert.equal((await git.sync('back')).revision, 2);
    await git.core.ask('rollbackStack', { by: operator(), name: 'back', revision: 1 });
    assert.deepEqual([(await git.stack('back')).revision, (await git.stack('back')).source?.commit], [3, good]);
    const kept = async (what: string) => {
      const { revision, changed, reason = '' } = await git.sync('back');
      assert.deepEqual([revision, changed], [3, false], what);
      return reason;
    };
    assert.match(await kept('the same commit'), new RegExp(`put the stack to deploy commit ${bad.slice(0, 12)} again`));
    const unrelated = repository.commit({ 'README.md': 'elsewhere' });
    assert.match(await kept('an unrelated push'), new RegExp(unrelated.slice(0, 12)));
    git.server.protect({ user: 'robot', password: 'x' });
    assert.equal(await kept('a failed look'), '');
    assert.notEqual((await git.stack('back')).source?.error, null);
    git.server.protect(null);
    await kept('a look after a failed one');
    assert.equal((await git.stack('back')).source?.error, null);
    repository.commit({ 'back/compose.yaml': compose('busybox:3') });
    assert.deepEqual([(await git.sync('back')).revision, (await git.stack('back')).compose], [4, compose('busybox:3')]);
    await git.core.ask('rollbackStack', { by: operator(), name: 'back', revision: 1 });
    assert.equal((await git.put('back', repository)).revision, 6, 'putting it is meant');
  });

  test('what changes of the stack while its source is looked at loses nothing of either', async () => {
    const repository = git.server.repository('busy');
    repository.commit({ 'busy/compose.yaml': compose('busybox:1') });
    await git.put('busy', repository);
    repository.commit({ 'busy/compose.yaml': compose('busybox:2') });
    const given: OutputOf<'webhookSecret'> = await git.core.ask('webhookSecret', { name: 'busy' });
    // Held up where the look is stored, so that the change comes between its fetch and its end.
    const lock = git.core.database.em().fork();
    await lock.begin();
    await lockPlacement(lock);
    const scaled = git.core.ask('actOnStack', {
      ...{ by: operator(), name: 'busy', action: 'scale' },
      body: { services: ['web'], replicas: 3 },
    });
    await until(async () => (await waitingForLock()) >= 1, SOON_MS, 'the change to wait');
    await git.hook('busy', { ref: 'refs/heads/main' }, given.secret);
    await until(async () => (await waitingForLock()) >= 2, SOON_MS, 'the look to wait behind it');
    await lock.commit();
    assert.equal((await scaled).changed, true);
    const after = await until(
      async () => {
        const now = await git.stack('busy');
        return now.compose === compose('busybox:2') ? now : null;
      },
      SOON_MS,
      'the commit that was fetched',
    );
    assert.deepEqual([after.revision, after.spec.scale], [3, { web: 3 }]);
  });
});
