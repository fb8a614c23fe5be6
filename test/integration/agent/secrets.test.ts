// Secrets on a real engine: sealed for the node, opened into a tmpfs, mounted, rotated, lost and restored.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { openEngine } from '#agent/docker.ts';
import { engineTools } from '#agent/engine-tools.ts';
import { openly } from '#agent/secrets/redactor.ts';
import { openCompose } from '#agent/stacks/compose.ts';
import { stackFolders } from '#agent/stacks/folder.ts';
import { newId } from '#infra/ids.ts';
import type { DesiredSecret } from '#subjects/schema/secret.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { filesWith, sealedSecret, watchProcesses } from '#test/harness/secrets.ts';
import { until } from '#test/harness/until.ts';
import { NODE, type Reconciler, startReconciler, wanted } from './reconciler.ts';

let machine: Machine;
let agent: Reconciler;
let room: string;
let identity: string;
let recipient: string;

const canary = () => `canary-${randomBytes(12).toString('hex')}`;
const seal = (stack: string, name: string, value: string | Uint8Array, more: Partial<DesiredSecret> = {}) =>
  sealedSecret({ recipient, node: NODE, stack }, name, value, more);
const docker = (...args: string[]) =>
  execFileSync('docker', args, { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: machine.dockerHost } });
const inside = (container: string, command: string) => docker('exec', container, 'sh', '-c', command).trim();
const isMounted = () => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${room} `);
const unmount = () => {
  while (isMounted()) execFileSync('umount', ['-l', room]);
};

const service = (more = '', name = 'app') => `  ${name}:
    image: ${TEST_IMAGE}
    init: true
    command: ["sleep", "100000"]
${more}`;
const usingDb = '    secrets: [db]\n';
const external = 'secrets:\n  db: {external: true}\n';

suite('secrets on a real engine', { timeout: 300_000 }, () => {
  before(async () => {
    machine = await startMachine();
    identity = await generateX25519Identity();
    recipient = await identityToRecipient(identity);
  });
  after(() => machine.stop());
  beforeEach(() => {
    room = mkdtempSync('/tmp/ovs-room-');
    agent = startReconciler(machine.dockerHost, { directory: room, identity });
  });
  afterEach(async () => {
    const names = agent.loop.view().stacks.map(({ name }) => name);
    const removed = names.map((name) => ({ name, deployment: newId(), generation: 0, volumes: true }));
    agent.want([], removed);
    await agent.converged();
    await agent.stop();
    const left = existsSync(room) ? readdirSync(room) : [];
    unmount();
    rmSync(room, { recursive: true, force: true });
    assert.deepEqual(left, [], 'nothing of a removed stack stays opened');
  });

  test('a container reads it at /run/secrets, as its own user, and nobody else finds it anywhere', async () => {
    const value = canary();
    const text = `services:\n${service(`${usingDb}    user: "1000:1001"\n`)}${service('', 'other')}${external}`;
    const watch = watchProcesses([value], (command) => command.startsWith('grep'));
    agent.want([wanted('web', text, { secrets: [await seal('web', 'db', value, { version: 4 })] })]);
    await agent.converged();
    const { found, looks } = watch.stop();
    assert.equal(agent.phase('web'), 'running');
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), value);
    assert.equal(inside('web-app-1', 'stat -c "%a %u %g" /run/secrets/db'), '400 1000 1001');
    assert.throws(() => inside('web-app-1', 'echo x > /run/secrets/db'), 'it can not be changed there');
    assert.equal(inside('web-other-1', 'ls /run 2>/dev/null || true'), '');
    const label = docker('inspect', '-f', '{{index .Config.Labels "dev.overseer.secrets"}}', 'web-app-1').trim();
    assert.equal(label, 'db@4');
    assert.ok(looks > 3, 'processes were looked at');
    assert.deepEqual(found, []);
    assert.ok(!docker('inspect', 'web-app-1').includes(value));
    assert.ok(!JSON.stringify(agent.events()).includes(value));
    assert.deepEqual(filesWith(machine.engineRoot, [value]), []);
    assert.deepEqual(filesWith(agent.data, [value]), []);
    assert.equal(statSync(room).mode & 0o777, 0o700);
    const opened = agent.events().filter(({ type }) => type === 'secrets.opened');
    assert.deepEqual(opened, [{ type: 'secrets.opened', stack: 'web', secrets: [{ name: 'db', version: 4 }] }]);
  });

  test('control: one that is asked for as a variable is found by the same search', async () => {
    const value = canary();
    const secret = await seal('web', 'db', value, { services: ['app'], environment: 'TOKEN' });
    const watch = watchProcesses([value], (command) => command.startsWith('grep'));
    agent.want([wanted('web', `services:\n${service()}`, { secrets: [secret] })]);
    await agent.converged();
    const { found } = watch.stop();
    assert.equal(inside('web-app-1', 'echo $TOKEN'), value);
    assert.ok(docker('inspect', 'web-app-1').includes(value));
    assert.ok(filesWith(machine.engineRoot, [value]).length > 0);
    assert.ok(found.some((what) => what.startsWith('environment')));
    assert.deepEqual(filesWith(agent.data, [value]), [], 'no file of ours holds it even then');
    assert.ok(!found.some((what) => what.startsWith('arguments')));
  });

  test('a rotation recreates exactly the services that use it', async () => {
    const [first, second] = [canary(), canary()];
    const text = `services:\n${service(usingDb)}${service('', 'other')}${external}`;
    agent.want([wanted('web', text, { secrets: [await seal('web', 'db', first)] })]);
    await agent.converged();
    const before = await machine.engine.identity();
    agent.want([wanted('web', text, { secrets: [await seal('web', 'db', first)] })]);
    await agent.converged();
    assert.deepEqual(await machine.engine.identity(), before, 'sealed anew, it is the same');
    agent.want([wanted('web', text, { revision: 2, secrets: [await seal('web', 'db', second, { version: 2 })] })]);
    await agent.converged();
    const now = await machine.engine.identity();
    assert.equal(now['web/other'], before['web/other']);
    assert.notEqual(now['web/app'], before['web/app']);
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), second);
    agent.want([wanted('web', `services:\n${service()}${service('', 'other')}`, { revision: 3 })]);
    await agent.converged();
    assert.deepEqual(readdirSync(room), [], 'a stack without secrets has no room');
    assert.ok(!existsSync(`${agent.data}/stacks/web/compose.override.yaml`));
  });

  test('a look ahead at a rotation sees the secret, and nothing else that would change', async () => {
    const text = `services:\n${service(usingDb)}${service('', 'other')}${external}`;
    agent.want([wanted('web', text, { secrets: [await seal('web', 'db', canary())] })]);
    await agent.converged();
    const { dockerHost } = machine;
    const [engine, compose] = [openEngine(dockerHost), openCompose(dockerHost)];
    const directory = (stack: string, folder: string) => `${room}/${stack}/${folder}`;
    const file = (stack: string, folder: string, path: string) => `${directory(stack, folder)}@files/${path}`;
    const places = { directory, file, redactor: () => openly };
    const folders = stackFolders(`${agent.data}/stacks`);
    const tools = engineTools({ engine, compose, folders, room: places, now: Date.now });
    const ahead = async (more: Partial<DesiredSecret>, changed = text) => {
      const stack = wanted('web', changed, { revision: 2, secrets: [await seal('web', 'db', 'next', more)] });
      const { changes } = await tools.preview(stack, () => agent.loop.observed());
      return changes.map(({ change, reasons }) => [change, ...reasons.map(({ kind }) => kind)].join(' ')).toSorted();
    };
    assert.deepEqual(await ahead({}), ['keep', 'keep']);
    assert.deepEqual(await ahead({ version: 2 }), ['keep', 'recreate secret']);
    const moved = text.replace('secrets: [db]', 'secrets: [{source: db, target: moved}]');
    assert.deepEqual(await ahead({}, moved), ['keep', 'recreate config']);
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
    agent.want([stack]);
    await agent.converged();
    assert.equal(agent.phase('web'), 'running', agent.loop.view().stacks[0]?.reason ?? '');
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
    agent.want([wanted('web', text, { secrets: [good] })]);
    await agent.converged();
    const before = await machine.engine.identity();
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
      agent.want([wanted('web', text, { revision, secrets: [{ ...good, ...change }] })]);
      await agent.converged();
      assert.match(agent.loop.view().stacks[0]?.reason ?? '', reason);
      assert.deepEqual(await machine.engine.identity(), before);
    }
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), value);
  });

  test('a version that drops its secrets and fails takes nothing from what runs', async () => {
    const value = canary();
    const text = `services:\n${service(usingDb)}${external}`;
    agent.want([wanted('web', text, { secrets: [await seal('web', 'db', value)] })]);
    await agent.converged();
    const before = await machine.engine.identity();
    const refused = `services:\n${service('    secrets: [gone]\n')}secrets: {gone: {external: true}}\n`;
    const broken = `services:\n${service().replace(TEST_IMAGE, 'none.invalid/no:1')}`;
    for (const [index, bad] of [broken, refused].entries()) {
      for (const rollback of [true, false]) {
        agent.want([wanted('web', bad, { revision: 2 + index, rollback })]);
        await agent.converged();
        assert.deepEqual(await machine.engine.identity(), before);
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
    agent.want([wanted('web', text, { secrets: [old] })]);
    await agent.converged();
    const bad = text.replace(TEST_IMAGE, 'none.invalid/no:1');
    agent.want([wanted('web', bad, { revision: 2, rollback: false, secrets: rotated })]);
    await agent.converged();
    assert.equal(agent.phase('web'), 'failed');
    docker('restart', '-t', '0', 'web-app-1');
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), first);
    agent.want([wanted('web', text, { revision: 3, secrets: rotated })]);
    await agent.converged();
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), second);
    const folders = readdirSync(`${room}/web`).filter((name) => name !== '@opened');
    assert.equal(folders.length, 1, folders.join(' '));
    assert.equal(readFileSync(`${room}/web/${folders[0]}/db`, 'utf8'), second);
  });

  test('what lies opened and belongs to nothing is taken away at the start', async () => {
    const value = canary();
    const text = `services:\n${service(usingDb)}${external}`;
    agent.want([wanted('web', text, { secrets: [await seal('web', 'db', value)] })]);
    await agent.converged();
    await agent.restart({
      whileDown() {
        const [own = ''] = readdirSync(`${room}/web`).filter((name) => name.startsWith('app@'));
        for (const folder of ['left/app@0123456789abcdef', 'web/app@0123456789abcdef']) {
          mkdirSync(`${room}/${folder}`, { recursive: true });
          writeFileSync(`${room}/${folder}/db`, 'left');
        }
        for (const file of [`web/${own}/db.overseer-tmp`, 'web/@opened/db@7.overseer-tmp']) {
          writeFileSync(`${room}/${file}`, 'half');
        }
      },
    });
    await until(() => !existsSync(`${room}/left`), 20_000, 'the room to be swept');
    await until(() => agent.phase('web') === 'running', 20_000, 'the stack to be seen');
    const words = execFileSync('sh', ['-c', `grep -rlE '^(left|half)$' ${room} || true`], { encoding: 'utf8' });
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
      agent.want([wanted('web', `services:\n${service(more)}${external}`, { files, secrets })]);
      await agent.converged();
      assert.equal(inside('web-app-1', 'cat /run/secrets/sub/deep/db'), value);
      assert.equal(inside('web-app-1', 'cat /conf/inner/app.conf'), 'readable');
    } finally {
      process.umask(before);
    }
  });

  test('what a tool prints of it does not leave the node', async () => {
    const value = canary();
    const secret = await seal('web', 'db', value, { services: ['app'], environment: 'TOKEN' });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as Compose reads it
    const command = '    entrypoint: ["/none/${OVERSEER_SECRET_0}"]\n';
    agent.want([wanted('web', `services:\n${service(command)}`, { secrets: [secret] })]);
    await agent.converged();
    const told = JSON.stringify([agent.events(), agent.loop.view()]);
    assert.match(told, /\/none\/\[secret\]/, 'control: it was printed');
    assert.ok(!told.includes(value));
  });

  test('what the engine quotes of it does not leave the node, nor is it kept there', async () => {
    const value = `/none/${canary()}`;
    const secret = await seal('web', 'db', value, { services: ['app'], environment: 'TOKEN' });
    const good = wanted('web', `services:\n${service()}`);
    agent.want([good]);
    await agent.converged();
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as Compose reads it
    const entry = '    entrypoint: ["${OVERSEER_SECRET_0}"]\n    restart: always\n';
    // Without an init the engine itself can't start it, and says what.
    const broken = `services:\n${service(entry).replace('    init: true\n', '')}`;
    agent.want([wanted('web', broken, { revision: 2, rollback: false, secrets: [secret] })]);
    await agent.converged();
    assert.match(docker('inspect', '-f', '{{.State.Error}}', 'web-app-1'), /canary/, 'control: the engine quotes it');
    const told = JSON.stringify([agent.events(), agent.loop.view()]);
    assert.match(told, /\[secret\]/);
    assert.ok(!told.includes(value.slice(6)));
    assert.deepEqual(filesWith(agent.data, [value.slice(6)]), []);
  });

  test('a wiped tmpfs is filled again, and containers that ran or died meanwhile read their secrets', async () => {
    const value = canary();
    const text = `services:\n${service(usingDb)}${service(usingDb, 'second')}${service('', 'other')}${external}`;
    agent.want([wanted('web', text, { secrets: [await seal('web', 'db', value)] })]);
    await agent.converged();
    const before = await machine.engine.identity();
    const victim = (await machine.engine.containers()).find((found) => found.service === 'second');
    assert.ok(victim);
    execFileSync('sh', ['-c', `rm -rf ${room}/web`]);
    unmount();
    assert.throws(() => inside('web-app-1', 'cat /run/secrets/db'), 'control: it is gone');
    await machine.engine.kill(victim.id);
    const reads = (container: string) => {
      try {
        return inside(container, 'cat /run/secrets/db') === value;
      } catch {
        return false;
      }
    };
    await until(() => reads('web-app-1') && reads('web-second-1'), 30_000, 'both to read it again');
    assert.equal((await machine.engine.identity())['web/other'], before['web/other']);
    assert.ok(isMounted());
    // What is done once is not done again.
    const settled = await machine.engine.identity();
    await agent.restart();
    await until(() => agent.phase('web') === 'running', 20_000, 'the stack to be seen');
    assert.deepEqual(await machine.engine.identity(), settled);
  });

  test('after a reboot they are back before the containers, with nobody to ask', async () => {
    const value = canary();
    const restart = `${usingDb}    restart: always\n`;
    agent.want([
      wanted('web', `services:\n${service(restart)}${external}`, { secrets: [await seal('web', 'db', value)] }),
    ]);
    await agent.converged();
    await machine.powerOff();
    await agent.restart({ whileDown: unmount });
    await machine.powerOn();
    await until(async () => (await machine.engine.running()).includes('web/app'), 60_000, 'the stack to run');
    await until(() => agent.phase('web') === 'running', 20_000, 'the agent to see it');
    assert.equal(inside('web-app-1', 'cat /run/secrets/db'), value);
  });
});
