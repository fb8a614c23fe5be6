// Secrets on a real engine: sealed for the node, opened into a tmpfs, mounted, rotated, lost and restored.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { suite, test } from 'node:test';
import type { DesiredSecret } from '#subjects/schema/secret.ts';
import { filesWith, watchProcesses } from '#test/harness/secrets.ts';
import { until } from '#test/harness/until.ts';
import { wanted } from './reconciler.ts';
import { canary, external, secretStage, service, usingDb } from './secret-stage.ts';

suite('secrets on a real engine', { timeout: 300_000 }, () => {
  const stage = secretStage();
  const { seal, docker, inside, isMounted, unmount } = stage;

  test('a container reads it at /run/secrets, as its own user, and nobody else finds it anywhere', async () => {
    const value = canary();
    const text = `services:\n${service(`${usingDb}    user: "1000:1001"\n`)}${service('', 'other')}${external}`;
    const watch = watchProcesses([value], (command) => command.startsWith('grep'));
    stage.agent.want([wanted('web', text, { secrets: [await seal('web', 'db', value, { version: 4 })] })]);
    await stage.agent.converged();
    const { found, looks } = watch.stop();
    assert.equal(stage.agent.phase('web'), 'running');
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), value);
    assert.equal(inside('web-app-1', 'stat -c "%a %u %g" /run/secrets/db'), '400 1000 1001');
    assert.throws(() => inside('web-app-1', 'echo x > /run/secrets/db'), 'it can not be changed there');
    assert.equal(inside('web-other-1', 'ls /run 2>/dev/null || true'), '');
    const label = docker('inspect', '-f', '{{index .Config.Labels "dev.overseer.secrets"}}', 'web-app-1').trim();
    assert.equal(label, 'db@4');
    assert.ok(looks > 3, 'processes were looked at');
    assert.deepEqual(found, []);
    assert.ok(!docker('inspect', 'web-app-1').includes(value));
    assert.ok(!JSON.stringify(stage.agent.events()).includes(value));
    assert.deepEqual(filesWith(stage.machine.engineRoot, [value]), []);
    assert.deepEqual(filesWith(stage.agent.data, [value]), []);
    assert.equal(statSync(stage.room).mode & 0o777, 0o700);
    const opened = stage.agent.events().filter(({ type }) => type === 'secrets.opened');
    assert.deepEqual(opened, [{ type: 'secrets.opened', stack: 'web', secrets: [{ name: 'db', version: 4 }] }]);
  });

  test('control: one that is asked for as a variable is found by the same search', async () => {
    const value = canary();
    const secret = await seal('web', 'db', value, { services: ['app'], environment: 'TOKEN' });
    const watch = watchProcesses([value], (command) => command.startsWith('grep'));
    stage.agent.want([wanted('web', `services:\n${service()}`, { secrets: [secret] })]);
    await stage.agent.converged();
    const { found } = watch.stop();
    assert.equal(inside('web-app-1', 'echo $TOKEN'), value);
    assert.ok(docker('inspect', 'web-app-1').includes(value));
    assert.ok(filesWith(stage.machine.engineRoot, [value]).length > 0);
    assert.ok(found.some((what) => what.startsWith('environment')));
    assert.deepEqual(filesWith(stage.agent.data, [value]), [], 'no file of ours holds it even then');
    assert.ok(!found.some((what) => what.startsWith('arguments')));
  });

  test('a rotation recreates exactly the services that use it', async () => {
    const [first, second] = [canary(), canary()];
    const text = `services:\n${service(usingDb)}${service('', 'other')}${external}`;
    stage.agent.want([wanted('web', text, { secrets: [await seal('web', 'db', first)] })]);
    await stage.agent.converged();
    const before = await stage.machine.engine.identity();
    stage.agent.want([wanted('web', text, { secrets: [await seal('web', 'db', first)] })]);
    await stage.agent.converged();
    assert.deepEqual(await stage.machine.engine.identity(), before, 'sealed anew, it is the same');
    stage.agent.want([
      wanted('web', text, { revision: 2, secrets: [await seal('web', 'db', second, { version: 2 })] }),
    ]);
    await stage.agent.converged();
    const now = await stage.machine.engine.identity();
    assert.equal(now['web/other'], before['web/other']);
    assert.notEqual(now['web/app'], before['web/app']);
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), second);
    stage.agent.want([wanted('web', `services:\n${service()}${service('', 'other')}`, { revision: 3 })]);
    await stage.agent.converged();
    assert.deepEqual(readdirSync(stage.room), [], 'a stack without secrets has no room');
    assert.ok(!existsSync(`${stage.agent.data}/stacks/web/compose.override.yaml`));
  });

  test('long syntax, an absolute target and a file-based secret live side by side', async () => {
    const [db, key] = [canary(), canary()];
    const secrets = `    secrets:
      - {source: db, target: sub/password, uid: "70", gid: "71", mode: 0440}
      - {source: key, target: /etc/app/key.pem}
      - plain
`;
    const top = 'secrets: {db: {external: true}, key: {external: true}, plain: {file: ./plain.txt}}\n';
    const stack = wanted('web', `services:\n${service(secrets)}${top}`, {
      files: { 'plain.txt': 'not so secret' },
      secrets: [await seal('web', 'db', db), await seal('web', 'key', key)],
    });
    stage.agent.want([stack]);
    await stage.agent.converged();
    assert.equal(stage.agent.phase('web'), 'running', stage.agent.loop.view().stacks[0]?.reason ?? '');
    assert.equal(inside('web-app-1', 'cat /run/secrets/sub/password'), db);
    assert.equal(inside('web-app-1', 'stat -c "%a %u %g" /run/secrets/sub/password'), '440 70 71');
    assert.equal(inside('web-app-1', 'cat /etc/app/key.pem'), key);
    assert.equal(inside('web-app-1', 'cat /run/secrets/plain'), 'not so secret');
    assert.equal(inside('web-app-1', 'ls /run/secrets'), 'plain\nsub');
  });

  test('what can not be opened fails with its reason and leaves what runs as it is', async () => {
    const value = canary();
    const text = `services:\n${service(usingDb)}${external}`;
    const good = await seal('web', 'db', value);
    stage.agent.want([wanted('web', text, { secrets: [good] })]);
    await stage.agent.converged();
    const before = await stage.machine.engine.identity();
    const other = await seal('other', 'db', value);
    const bad: [Partial<DesiredSecret>, RegExp][] = [
      [{ sealed: null, digest: null }, /secret db is not sealed for this node yet/],
      [{ sealed: other.sealed }, /not the one that the document tells of/],
      [{ sealed: other.sealed, digest: other.digest }, /sealed for another stack/],
      [{ version: 2 }, /sealed for another version/],
    ];
    let revision = 1;
    for (const [change, reason] of bad) {
      revision += 1;
      stage.agent.want([wanted('web', text, { revision, secrets: [{ ...good, ...change }] })]);
      await stage.agent.converged();
      assert.match(stage.agent.loop.view().stacks[0]?.reason ?? '', reason);
      assert.deepEqual(await stage.machine.engine.identity(), before);
    }
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), value);
  });

  test('what a tool prints of it does not leave the node', async () => {
    const value = canary();
    const secret = await seal('web', 'db', value, { services: ['app'], environment: 'TOKEN' });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as Compose reads it
    const command = '    entrypoint: ["/none/${OVERSEER_SECRET_0}"]\n';
    stage.agent.want([wanted('web', `services:\n${service(command)}`, { secrets: [secret] })]);
    await stage.agent.converged();
    const told = JSON.stringify([stage.agent.events(), stage.agent.loop.view()]);
    assert.match(told, /\/none\/\[secret\]/, 'control: it was printed');
    assert.ok(!told.includes(value));
  });

  test('what the engine quotes of it does not leave the node, nor is it kept there', async () => {
    const value = `/none/${canary()}`;
    const secret = await seal('web', 'db', value, { services: ['app'], environment: 'TOKEN' });
    const good = wanted('web', `services:\n${service()}`);
    stage.agent.want([good]);
    await stage.agent.converged();
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as Compose reads it
    const entry = '    entrypoint: ["${OVERSEER_SECRET_0}"]\n    restart: always\n';
    // Without an init the engine itself can't start it, and says what.
    const broken = `services:\n${service(entry).replace('    init: true\n', '')}`;
    stage.agent.want([wanted('web', broken, { revision: 2, rollback: false, secrets: [secret] })]);
    await stage.agent.converged();
    assert.match(docker('inspect', '-f', '{{.State.Error}}', 'web-app-1'), /canary/, 'control: the engine quotes it');
    const told = JSON.stringify([stage.agent.events(), stage.agent.loop.view()]);
    assert.match(told, /\[secret\]/);
    assert.ok(!told.includes(value.slice(6)));
    assert.deepEqual(filesWith(stage.agent.data, [value.slice(6)]), []);
  });

  test('a wiped tmpfs is filled again, and containers that ran or died meanwhile read their secrets', async () => {
    const value = canary();
    const text = `services:\n${service(usingDb)}${service(usingDb, 'second')}${service('', 'other')}${external}`;
    stage.agent.want([wanted('web', text, { secrets: [await seal('web', 'db', value)] })]);
    await stage.agent.converged();
    const before = await stage.machine.engine.identity();
    const victim = (await stage.machine.engine.containers()).find((found) => found.service === 'second');
    assert.ok(victim);
    execFileSync('sh', ['-c', `rm -rf ${stage.room}/web`]);
    unmount();
    assert.throws(() => inside('web-app-1', 'cat /run/secrets/db'), 'control: it is gone');
    await stage.machine.engine.kill(victim.id);
    const reads = (container: string) => {
      try {
        return inside(container, 'cat /run/secrets/db') === value;
      } catch {
        return false;
      }
    };
    await until(() => reads('web-app-1') && reads('web-second-1'), 30_000, 'both to read it again');
    assert.equal((await stage.machine.engine.identity())['web/other'], before['web/other']);
    assert.ok(isMounted());
    // What is done once is not done again.
    const settled = await stage.machine.engine.identity();
    await stage.agent.restart();
    await until(() => stage.agent.phase('web') === 'running', 20_000, 'the stack to be seen');
    assert.deepEqual(await stage.machine.engine.identity(), settled);
  });

  test('after a reboot they are back before the containers, with nobody to ask', async () => {
    const value = canary();
    const restart = `${usingDb}    restart: always\n`;
    stage.agent.want([
      wanted('web', `services:\n${service(restart)}${external}`, { secrets: [await seal('web', 'db', value)] }),
    ]);
    await stage.agent.converged();
    await stage.machine.powerOff();
    await stage.agent.restart({ whileDown: unmount });
    await stage.machine.powerOn();
    await until(async () => (await stage.machine.engine.running()).includes('web/app'), 60_000, 'the stack to run');
    await until(() => stage.agent.phase('web') === 'running', 20_000, 'the agent to see it');
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), value);
  });
});
