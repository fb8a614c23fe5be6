// What a core forbids stays forbidden however a Compose file asks for it: Compose itself resolves every way first.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FORBIDDABLE, type Forbidden } from '#infra/compose/policy.ts';
import type { ComposeProgram } from '#infra/compose/program.ts';
import { composeCheck } from '#services/scheduler/compose/check.ts';
import { composeFinder, findCompose } from '#services/scheduler/compose/find.ts';
import { specificationOf } from '#services/scheduler/specification.ts';
import { OverseerError } from '#subjects/errors.ts';
import { COMPOSE, type Core, operator, startCore } from './core.ts';

let command: ComposeProgram;
before(async () => {
  const found = await findCompose();
  assert.ok(found, 'docker compose must be installed');
  command = found;
});

const ALL = Object.keys(FORBIDDABLE) as Forbidden[];
const PATHS: readonly Forbidden[] = ['host-binds', 'docker-socket'];

interface Asked {
  readonly compose: string;
  readonly files?: Record<string, string>;
  readonly env?: Record<string, string>;
  readonly profiles?: string[];
}

async function refusal(asked: Asked, forbidden: readonly Forbidden[]): Promise<string | null> {
  const { content } = specificationOf({ ...asked, targets: { selector: {} } });
  try {
    await composeCheck(async () => command, forbidden).check('web', content);
    return null;
  } catch (error) {
    assert.ok(error instanceof OverseerError, String(error));
    assert.equal(error.code, 'policy-refused', error.message);
    return String(error.fields['forbidden']);
  }
}

function service(body: string): Asked {
  return { compose: `services:\n  web:\n    image: x\n${body.replace(/^/gm, '    ')}\n` };
}

const CASES: readonly [string, Forbidden, Asked][] = [
  ['privileged', 'privileged', service('privileged: true')],
  ['host network', 'host-network', service('network_mode: host')],
  ['host pid', 'host-pid', service('pid: host')],
  ['host ipc', 'host-ipc', service('ipc: host')],
  ['host user namespace', 'host-userns', service('userns_mode: host')],
  ['a mount of /etc', 'host-binds', service('volumes: ["/etc:/host"]')],
  ['a mount of the root', 'host-binds', service('volumes: [{type: bind, source: /, target: /host}]')],
  ['the Docker socket', 'docker-socket', service('volumes: ["/var/run/docker.sock:/s"]')],
  ['the folder of the Docker socket', 'docker-socket', service('volumes: ["/var/run:/s"]')],
  ['the root, where the socket is', 'docker-socket', service('volumes: ["/:/host:ro"]')],
  ['the Docker socket by a word', 'docker-socket', service('use_api_socket: true')],
  ['a way out of the folder', 'host-binds', service('volumes: ["/srv/x/../../etc:/host"]')],
  ['a privileged hook', 'privileged', service('post_start: [{command: [a], privileged: true}]')],
  ["a foreign container's network", 'host-network', service('network_mode: container:other')],
  [
    "the host's network by its name",
    'host-network',
    {
      compose: 'services:\n  web:\n    image: x\n    networks: [out]\nnetworks:\n  out: {external: true, name: host}\n',
    },
  ],
  ["the host's hostname", 'host-uts', service('uts: host')],
  ["the host's cgroups", 'cgroup-parent', service('cgroup: host')],
  ['graphics cards', 'devices', service('gpus: all')],
  [
    'reserved devices',
    'devices',
    service('deploy: {resources: {reservations: {devices: [{capabilities: [gpu], driver: nvidia}]}}}'),
  ],
  [
    'models',
    'models',
    { compose: 'services:\n  web: {image: x, models: [llm]}\nmodels:\n  llm: {model: ai/smollm2}\n' },
  ],
  ['an added capability', 'capabilities', service('cap_add: [SYS_ADMIN]')],
  ['a device', 'devices', service('devices: ["/dev/sda:/dev/sda"]')],
  ['device rules', 'devices', service('device_cgroup_rules: ["c 1:3 mr"]')],
  ['no seccomp', 'security-opt', service('security_opt: ["seccomp:unconfined"]')],
  ['kernel parameters', 'sysctls', service('sysctls: {net.core.somaxconn: 1024}')],
  ['its own cgroup', 'cgroup-parent', service('cgroup_parent: /')],
  ['a build', 'builds', { compose: 'services:\n  web:\n    build: .\n' }],
  [
    'a volume that is a path in disguise',
    'host-binds',
    {
      compose:
        'services:\n  web:\n    image: x\n    volumes: ["vol:/v"]\nvolumes:\n  vol: {driver_opts: {type: none, o: bind, device: /etc}}\n',
    },
  ],
  [
    'by extends',
    'privileged',
    {
      compose: 'services:\n  web:\n    extends: {file: base.yaml, service: base}\n',
      files: { 'base.yaml': 'services:\n  base:\n    image: x\n    privileged: true\n' },
    },
  ],
  [
    'by include',
    'privileged',
    {
      compose: 'include: [more.yaml]\nservices:\n  web: {image: x}\n',
      files: { 'more.yaml': 'services:\n  hidden:\n    image: x\n    privileged: true\n' },
    },
  ],
  [
    'by an anchor',
    'privileged',
    { compose: 'x-a: &a {privileged: true}\nservices:\n  web:\n    <<: *a\n    image: x\n' },
  ],
  [
    'by a variable',
    'host-network',
    { compose: `services:\n  web:\n    image: x\n    network_mode: "\${MODE}"\n`, env: { MODE: 'host' } },
  ],
  [
    'behind a profile that is active',
    'privileged',
    {
      compose: 'services:\n  web:\n    image: x\n    profiles: [debug]\n    privileged: true\n  a: {image: x}\n',
      profiles: ['debug'],
    },
  ],
];

describe('a policy', () => {
  for (const [name, what, asked] of CASES) {
    test(`refuses ${name}`, async () => {
      assert.equal(await refusal(asked, [what]), what);
      // A path around the socket is both; which paths are is a matter of the unit tests.
      const alike = PATHS.includes(what) ? PATHS : [what];
      const others = ALL.filter((each) => !alike.includes(each));
      assert.equal(await refusal(asked, others), null, 'and nothing else of it is refused');
      assert.equal(await refusal(asked, []), null, 'without a policy it may');
    });
  }

  test('leaves what every stack may ask for', async () => {
    const plain = {
      compose:
        'services:\n  web:\n    image: x\n    init: true\n    volumes: ["./conf:/conf:ro", "vol:/v"]\n    ports: ["8080:80"]\n    cap_drop: [ALL]\n    tmpfs: [/tmp]\nvolumes: {vol: {}}\n',
      files: { 'conf/a': 'x' },
    };
    assert.equal(await refusal(plain, ALL), null);
  });
});

describe('a policy that nothing can judge by', () => {
  const { content } = specificationOf({ compose: 'services: {web: {image: x}}', targets: { selector: {} } });
  const isUnjudged = (error: unknown) =>
    error instanceof OverseerError &&
    error.code === 'policy-refused' &&
    /install the Compose plugin/.test(error.message);

  test('refuses every stack; without one the nodes are the first to check', async () => {
    const none = async () => null;
    await assert.rejects(composeCheck(none, ['privileged']).check('web', content), isUnjudged);
    await assert.rejects(composeCheck(none, ['privileged']).judge('web', content), isUnjudged);
    assert.equal(await composeCheck(none).check('web', content), null);
    await composeCheck(none).judge('web', content);
  });

  test('looks for Compose again, once for all who ask', async () => {
    let [time, asked] = [0, 0];
    const find = composeFinder(
      async () => (asked++ === 0 ? null : command),
      () => time,
    );
    const check = composeCheck(find, ['privileged']);
    await assert.rejects(check.check('web', content), isUnjudged);
    await assert.rejects(check.check('web', content), isUnjudged);
    assert.equal(asked, 1);
    time = 10_000;
    await Promise.all([check.check('web', content), check.judge('web', content)]);
    time = 1_000_000;
    await check.judge('web', content);
    assert.equal(asked, 2, 'what was found is kept');
  });
});

describe('a policy that came later', () => {
  const environment: Record<string, string> = {};
  const PRIVILEGED = `${COMPOSE}    privileged: true\n`;
  let core: Core;
  before(async () => {
    core = await startCore(environment);
    const first = await core.startScheduler();
    await core.put('back', { compose: PRIVILEGED });
    await core.put('back', {});
    await core.put('halted', { compose: PRIVILEGED, state: 'stopped' });
    await first.stop();
    environment['OVERSEER_FORBID'] = 'privileged';
    await core.startScheduler();
  });
  after(() => core?.stop());
  const isRefused = (error: unknown) => error instanceof OverseerError && error.code === 'policy-refused';

  test('judges what somebody goes back to, and what is started again', async () => {
    const by = operator();
    await assert.rejects(core.ask('rollbackStack', { by, name: 'back', revision: 1 }), isRefused);
    await assert.rejects(core.ask('actOnStack', { by, name: 'halted', action: 'start', body: {} }), isRefused);
    await assert.rejects(core.put('halted', { compose: PRIVILEGED, state: 'stopped' }), isRefused);
    const { items } = await core.ask('listStacks', {});
    assert.deepEqual(
      items.map(({ name, revision, state }) => [name, revision, state]),
      [
        ['back', 2, 'running'],
        ['halted', 1, 'stopped'],
      ],
    );
    assert.equal((await core.put('back', { env: { A: '1' } })).revision, 3, 'the control: what it allows goes on');
  });
});
