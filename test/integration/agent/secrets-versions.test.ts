// One version of a stack's secrets after the other on a real engine: what fails takes nothing from what runs, and what is
// left of anything is taken away.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { openEngine } from '#agent/docker.ts';
import { engineTools } from '#agent/engine-tools.ts';
import { openly } from '#agent/secrets/redactor.ts';
import { openCompose } from '#agent/stacks/compose.ts';
import { stackFolders } from '#agent/stacks/folder.ts';
import type { DesiredSecret } from '#subjects/schema/secret.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { until } from '#test/harness/until.ts';
import { wanted } from './reconciler.ts';
import { canary, external, secretStage, service, usingDb } from './secret-stage.ts';

suite('versions of secrets on a real engine', { timeout: 300_000 }, () => {
  const stage = secretStage();
  const { seal, docker, inside } = stage;

  test('a look ahead at a rotation sees the secret, and nothing else that would change', async () => {
    const text = `services:\n${service(usingDb)}${service('', 'other')}${external}`;
    stage.agent.want([wanted('web', text, { secrets: [await seal('web', 'db', canary())] })]);
    await stage.agent.converged();
    const { dockerHost } = stage.machine;
    const [engine, compose] = [openEngine(dockerHost), openCompose(dockerHost)];
    const directory = (stack: string, folder: string) => `${stage.room}/${stack}/${folder}`;
    const file = (stack: string, folder: string, path: string) => `${directory(stack, folder)}@files/${path}`;
    const places = { directory, file, redactor: () => openly };
    const folders = stackFolders(`${stage.agent.data}/stacks`);
    const tools = engineTools({ engine, compose, folders, room: places, now: Date.now });
    const ahead = async (more: Partial<DesiredSecret>, changed = text) => {
      const stack = wanted('web', changed, { revision: 2, secrets: [await seal('web', 'db', 'next', more)] });
      const { changes } = await tools.preview(stack, () => stage.agent.loop.observed());
      return changes.map(({ change, reasons }) => [change, ...reasons.map(({ kind }) => kind)].join(' ')).toSorted();
    };
    assert.deepEqual(await ahead({}), ['keep', 'keep']);
    assert.deepEqual(await ahead({ version: 2 }), ['keep', 'recreate secret']);
    const moved = text.replace('secrets: [db]', 'secrets: [{source: db, target: moved}]');
    assert.deepEqual(await ahead({}, moved), ['keep', 'recreate config']);
  });

  test('a version that drops its secrets and fails takes nothing from what runs', async () => {
    const value = canary();
    const text = `services:\n${service(usingDb)}${external}`;
    stage.agent.want([wanted('web', text, { secrets: [await seal('web', 'db', value)] })]);
    await stage.agent.converged();
    const before = await stage.machine.engine.identity();
    const refused = `services:\n${service('    secrets: [gone]\n')}secrets: {gone: {external: true}}\n`;
    const broken = `services:\n${service().replace(TEST_IMAGE, 'none.invalid/no:1')}`;
    for (const [index, bad] of [broken, refused].entries()) {
      for (const rollback of [true, false]) {
        stage.agent.want([wanted('web', bad, { revision: 2 + index, rollback })]);
        await stage.agent.converged();
        assert.deepEqual(await stage.machine.engine.identity(), before);
        assert.equal(inside('web-app-1', 'cat /run/secrets/db'), value, `${bad} ${rollback}`);
      }
    }
    docker('restart', '-t', '0', 'web-app-1');
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), value, 'made again from the same folder');
  });

  test('a rotation that fails leaves the old value to what runs, and one that succeeds leaves no old value', async () => {
    const [first, second] = [canary(), canary()];
    const text = `services:\n${service(usingDb)}${external}`;
    const old = await seal('web', 'db', first);
    const rotated = [await seal('web', 'db', second, { version: 2 })];
    stage.agent.want([wanted('web', text, { secrets: [old] })]);
    await stage.agent.converged();
    const bad = text.replace(TEST_IMAGE, 'none.invalid/no:1');
    stage.agent.want([wanted('web', bad, { revision: 2, rollback: false, secrets: rotated })]);
    await stage.agent.converged();
    assert.equal(stage.agent.phase('web'), 'failed');
    docker('restart', '-t', '0', 'web-app-1');
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), first);
    stage.agent.want([wanted('web', text, { revision: 3, secrets: rotated })]);
    await stage.agent.converged();
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), second);
    const folders = readdirSync(`${stage.room}/web`).filter((name) => name !== '@opened');
    assert.equal(folders.length, 1, folders.join(' '));
    assert.equal(readFileSync(`${stage.room}/web/${folders[0]}/db`, 'utf8'), second);
  });

  test('what lies opened and belongs to nothing is taken away at the start', async () => {
    const value = canary();
    const text = `services:\n${service(usingDb)}${external}`;
    stage.agent.want([wanted('web', text, { secrets: [await seal('web', 'db', value)] })]);
    await stage.agent.converged();
    await stage.agent.restart({
      whileDown() {
        const [own = ''] = readdirSync(`${stage.room}/web`).filter((name) => name.startsWith('app@'));
        for (const folder of ['left/app@0123456789abcdef', 'web/app@0123456789abcdef']) {
          mkdirSync(`${stage.room}/${folder}`, { recursive: true });
          writeFileSync(`${stage.room}/${folder}/db`, 'left');
        }
        for (const file of [`web/${own}/db.overseer-tmp`, 'web/@opened/db@7.overseer-tmp']) {
          writeFileSync(`${stage.room}/${file}`, 'half');
        }
      },
    });
    await until(() => !existsSync(`${stage.room}/left`), 20_000, 'the room to be swept');
    await until(() => stage.agent.phase('web') === 'running', 20_000, 'the stack to be seen');
    const words = execFileSync('sh', ['-c', `grep -rlE '^(left|half)$' ${stage.room} || true`], { encoding: 'utf8' });
    assert.equal(words, '');
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), value);
  });

  test('a container that is not root reads what lies deeper, whatever the agent masks', async () => {
    const value = canary();
    const before = process.umask(0o077);
    try {
      const more = `    user: "1000:1000"\n    volumes: ["./conf:/conf"]\n    secrets: [{source: db, target: sub/deep/db}]\n`;
      const files = { 'conf/inner/app.conf': 'readable' };
      const secrets = [await seal('web', 'db', value)];
      stage.agent.want([wanted('web', `services:\n${service(more)}${external}`, { files, secrets })]);
      await stage.agent.converged();
      assert.equal(inside('web-app-1', 'cat /run/secrets/sub/deep/db'), value);
      assert.equal(inside('web-app-1', 'cat /conf/inner/app.conf'), 'readable');
    } finally {
      process.umask(before);
    }
  });
});
