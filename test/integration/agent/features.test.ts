// Each public feature of Compose once, on a real engine through the agent's own loop.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { type Reconciler, startReconciler, wanted } from './reconciler.ts';

let machine: Machine;
let agent: Reconciler;

const docker = (...args: string[]) =>
  execFileSync('docker', args, { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: machine.dockerHost } }).trim();
const inside = (container: string, command: string) => docker('exec', container, 'sh', '-c', command);
const setting = (container: string, template: string) => docker('inspect', '-f', template, container);

/** A service that does nothing, with these further lines. */
const idling = (name: string, ...more: string[]) =>
  [`  ${name}:`, `    image: ${TEST_IMAGE}`, '    init: true', '    command: ["sleep", "100000"]']
    .concat(more.map((line) => `    ${line}`))
    .join('\n');
const job = (name: string, command: string, ...more: string[]) =>
  [`  ${name}:`, `    image: ${TEST_IMAGE}`, `    command: ["sh", "-c", "${command}"]`]
    .concat(more.map((line) => `    ${line}`))
    .join('\n');
const services = (...texts: string[]) => `services:\n${texts.join('\n')}\n`;

/** Brings it up and expects it to be well. */
async function deploy(compose: string, more: Partial<DesiredStack> = {}): Promise<DesiredStack> {
  const stack = wanted('web', compose, more);
  agent.want([stack]);
  await agent.converged();
  const view = agent.loop.view().stacks.find(({ name }) => name === 'web');
  assert.equal(view?.phase, 'running', view?.reason ?? '');
  return stack;
}
const running = () => machine.engine.running();

suite('features of Compose', { timeout: 300_000 }, () => {
  before(async () => {
    machine = await startMachine();
  });
  after(() => machine.stop());
  beforeEach(() => {
    agent = startReconciler(machine.dockerHost);
  });
  afterEach(async () => {
    agent.want([], [{ name: 'web', deployment: newId(), generation: 0, volumes: true }]);
    await agent.converged();
    await agent.stop();
    assert.deepEqual(await machine.engine.containers(), []);
  });

  test('profiles: what is asked for runs, and ends when it is no longer asked for', async () => {
    const text = services(idling('web'), idling('debug', 'profiles: [debug]'));
    await deploy(text);
    assert.deepEqual(await running(), ['web/web']);
    await deploy(text, { profiles: ['debug'], revision: 2 });
    assert.deepEqual(await running(), ['web/debug', 'web/web']);
    await deploy(text, { revision: 3 });
    assert.deepEqual(await running(), ['web/web']);
  });

  test('scale: more, fewer and none', async () => {
    const text = services(idling('web'), idling('worker'));
    await deploy(text, { scale: { worker: 3 } });
    assert.deepEqual(await running(), ['web/web', 'web/worker', 'web/worker', 'web/worker']);
    await deploy(text, { scale: { worker: 1 }, revision: 2 });
    assert.deepEqual(await running(), ['web/web', 'web/worker']);
    await deploy(text, { scale: { worker: 0 }, revision: 3 });
    assert.deepEqual(await running(), ['web/web']);
  });

  test('depends_on waits for health and for jobs to end well', async () => {
    const healthy = ['healthcheck: {test: ["CMD", "test", "-e", "/tmp/up"], interval: 1s, retries: 20}'];
    const text = services(
      job('db', 'sleep 1; date +%s > /tmp/up; exec sleep 100000', 'init: true', ...healthy),
      job('migrate', 'sleep 1', 'depends_on: {db: {condition: service_healthy}}'),
      idling('web', 'depends_on: {migrate: {condition: service_completed_successfully}}'),
    );
    await deploy(text);
    const at = (container: string, what: string) => Date.parse(setting(container, `{{.State.${what}}}`));
    assert.ok(at('web-migrate-1', 'StartedAt') >= at('web-db-1', 'StartedAt') + 1000);
    assert.ok(at('web-web-1', 'StartedAt') >= at('web-migrate-1', 'FinishedAt'));
  });

  test('networks: services see each other on those they share, by name and alias', async () => {
    const text = `${services(
      idling('web', 'networks: {front: {aliases: [site]}}'),
      idling('proxy', 'networks: [front, back]'),
      idling('db', 'networks: [back]'),
    )}networks: {front: {}, back: {internal: true}}\n`;
    await deploy(text);
    const names = docker('network', 'ls', '--format', '{{.Name}}').split('\n');
    assert.ok(names.includes('web_front') && names.includes('web_back'));
    const shared = JSON.parse(setting('web-proxy-1', '{{json .NetworkSettings.Networks}}'));
    assert.deepEqual(Object.keys(shared).toSorted(), ['web_back', 'web_front']);
    assert.match(inside('web-proxy-1', 'nslookup site 127.0.0.11'), /Address.*\d+\.\d+\.\d+\.\d+/s);
    assert.throws(() => inside('web-db-1', 'nslookup site 127.0.0.11 2>&1'), 'it shares no network with it');
  });

  test('volumes: a named one keeps its data over an update, an external one outlives the stack', async () => {
    docker('volume', 'create', 'outside');
    try {
      const volumes = 'volumes: {kept: {}, outside: {external: true}}\n';
      const mounts = 'volumes: ["kept:/kept", "outside:/outside"]';
      await deploy(services(idling('web', mounts)) + volumes);
      inside('web-web-1', 'echo 1 > /kept/data; echo 2 > /outside/data');
      await deploy(services(idling('web', mounts, 'labels: {v: "2"}')) + volumes, { revision: 2 });
      assert.equal(inside('web-web-1', 'cat /kept/data /outside/data'), '1\n2');
      agent.want([], [{ name: 'web', deployment: newId(), generation: 0, volumes: true }]);
      await agent.converged();
      assert.deepEqual(await machine.engine.volumes(), ['outside']);
    } finally {
      docker('volume', 'rm', 'outside');
    }
  });

  test('deploy.resources and init reach the engine', async () => {
    const limits = 'deploy: {resources: {limits: {memory: 64M, cpus: "0.5", pids: 50}, reservations: {memory: 16M}}}';
    await deploy(services(idling('web', limits)));
    const template = '{{.HostConfig.Memory}} {{.HostConfig.MemoryReservation}} {{.HostConfig.NanoCpus}}';
    assert.equal(setting('web-web-1', template), `${64 * 2 ** 20} ${16 * 2 ** 20} 500000000`);
    assert.equal(setting('web-web-1', '{{.HostConfig.PidsLimit}} {{.HostConfig.Init}}'), '50 true');
  });

  test('a one-shot job runs once and is done', async () => {
    await deploy(services(job('once', 'echo ran')));
    assert.equal(setting('web-once-1', '{{.State.Status}} {{.State.ExitCode}}'), 'exited 0');
    assert.equal(docker('logs', 'web-once-1'), 'ran');
    assert.deepEqual(agent.steps, ['up web']);
  });

  test('extends and include are found among the files of the stack', async () => {
    const base = services(idling('base', 'environment: {FROM: base}'));
    const more = services(idling('extra', 'env_file: [./extra.env]'));
    const own = '  web:\n    extends: {file: parts/base.yaml, service: base}\n    environment: {OWN: "1"}\n';
    const text = `include: [parts/more.yaml]\nservices:\n${own}`;
    const files = { 'parts/base.yaml': base, 'parts/more.yaml': more, 'parts/extra.env': 'EXTRA=yes\n' };
    await deploy(text, { files });
    assert.deepEqual(await running(), ['web/extra', 'web/web']);
    assert.equal(inside('web-web-1', 'echo $FROM $OWN'), 'base 1');
    assert.equal(inside('web-extra-1', 'echo $EXTRA'), 'yes');
  });

  test('an included service can be pinned as any other', async () => {
    docker('tag', TEST_IMAGE, 'overseer-test/busybox:pinned');
    try {
      const files = { 'more.yaml': services(idling('extra')) };
      const pins = { extra: 'overseer-test/busybox:pinned' };
      await deploy(`include: [more.yaml]\n${services(idling('web'))}`, { files, pins });
      assert.equal(setting('web-extra-1', '{{.Config.Image}}'), 'overseer-test/busybox:pinned');
      assert.equal(setting('web-web-1', '{{.Config.Image}}'), TEST_IMAGE);
    } finally {
      docker('rmi', '-f', 'overseer-test/busybox:pinned');
    }
  });

  test('env_file and values reach the container, a change of either recreates it', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as Compose reads it
    const text = services(idling('web', 'env_file: [app.env]', 'environment: {VALUE: "${VALUE}"}'));
    await deploy(text, { files: { 'app.env': 'FILE=one\n' }, env: { VALUE: 'a b$c' } });
    assert.equal(inside('web-web-1', 'echo "$FILE|$VALUE"'), 'one|a b$c');
    await deploy(text, { files: { 'app.env': 'FILE=two\n' }, env: { VALUE: 'a b$c' }, revision: 2 });
    assert.equal(inside('web-web-1', 'echo "$FILE|$VALUE"'), 'two|a b$c');
  });

  test('configs from a file and from the text', async () => {
    const top = 'configs: {site: {file: ./site.conf}, inline: {content: "in the text"}}\n';
    const uses = 'configs: [{source: site, target: /etc/site.conf}, {source: inline, target: /etc/inline}]';
    await deploy(services(idling('web', uses)) + top, { files: { 'site.conf': 'from a file' } });
    assert.equal(inside('web-web-1', 'cat /etc/site.conf; echo; cat /etc/inline'), 'from a file\nin the text');
  });

  test('relative mounts show the files of the stack, also after they were replaced', async () => {
    const text = services(idling('web', 'volumes: ["./conf:/conf:ro", "./single.txt:/single.txt:ro"]'));
    await deploy(text, { files: { 'conf/a.txt': 'one', 'single.txt': 'one' } });
    assert.equal(inside('web-web-1', 'cat /conf/a.txt /single.txt'), 'oneone');
    await deploy(text, { files: { 'conf/a.txt': 'two', 'conf/b.txt': 'new', 'single.txt': 'two' }, revision: 2 });
    assert.equal(inside('web-web-1', 'cat /conf/a.txt /conf/b.txt /single.txt'), 'twonewtwo');
  });

  test('pull_policy never is kept, and a missing image is said', async () => {
    await deploy(services(idling('web', 'pull_policy: never')));
    assert.deepEqual(agent.steps, ['up web']);
    const missing = services(idling('web', 'pull_policy: never')).replace(TEST_IMAGE, 'overseer-test/none:1');
    agent.want([wanted('web', missing, { revision: 2 })]);
    await agent.converged();
    assert.match(agent.loop.view().stacks[0]?.reason ?? '', /No such image/i);
  });

  test('plain docker compose shows the stack, and its text lies there readable', async () => {
    const text = services(idling('web'));
    await deploy(text);
    const folder = `${agent.data}/stacks/web`;
    assert.equal(readFileSync(`${folder}/compose.yaml`, 'utf8'), text);
    assert.equal(statSync(`${folder}/compose.yaml`).mode & 0o777, 0o600);
    const [listed] = JSON.parse(docker('compose', 'ls', '--format', 'json'));
    assert.deepEqual([listed.Name, listed.ConfigFiles], ['web', `${folder}/compose.yaml`]);
    const environment = { ...process.env, DOCKER_HOST: machine.dockerHost };
    const there = { cwd: folder, encoding: 'utf8', env: environment } as const;
    assert.match(execFileSync('docker', ['compose', 'ps'], there), /web-web-1/);
  });
});
