// What a core forbids stays forbidden however a Compose file asks for it: Compose itself resolves every way first.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { FORBIDDABLE, type Forbidden } from '#infra/compose/policy.ts';
import type { ComposeProgram } from '#infra/compose/program.ts';
import { composeCheck, findCompose } from '#services/scheduler/compose/check.ts';
import { specificationOf } from '#services/scheduler/specification.ts';
import { OverseerError } from '#subjects/errors.ts';

let command: ComposeProgram;
before(async () => {
  const found = await findCompose();
  assert.ok(found, 'docker compose must be installed');
  command = found;
});

const ALL = Object.keys(FORBIDDABLE) as Forbidden[];

interface Asked {
  readonly compose: string;
  readonly files?: Record<string, string>;
  readonly env?: Record<string, string>;
  readonly profiles?: string[];
}

async function refusal(asked: Asked, forbidden: readonly Forbidden[]): Promise<string | null> {
  const { content } = specificationOf({ ...asked, targets: { selector: {} } });
  try {
    await composeCheck(Promise.resolve(command), forbidden).check('web', content);
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
      const others = ALL.filter((each) => each !== what && !(what === 'docker-socket' && each === 'host-binds'));
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
