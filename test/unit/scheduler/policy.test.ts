import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { plainHostPath, reachesSocket } from '#infra/compose/host-paths.ts';
import { readModel } from '#infra/compose/model.ts';
import { breachesOf, FORBIDDABLE, type Forbidden, forbiddenIn } from '#infra/compose/policy.ts';

const FOLDER = '/var/lib/overseer/stacks/web';
const ALL = Object.keys(FORBIDDABLE) as Forbidden[];

function words(service: object, more: object = {}): string[] {
  const model = readModel(JSON.stringify({ services: { web: { image: 'x', ...service } }, ...more }));
  assert.ok(model);
  return [...new Set(breachesOf(model, FOLDER, ALL).map(({ what }) => what))].sort();
}

const bind = (source: string) => ({ volumes: [{ type: 'bind', source, target: '/t' }] });
const mounted = { volumes: [{ type: 'volume', source: 'v', target: '/t' }] };
const volume = (options: object) => ({ volumes: { v: { driver_opts: options } } });

const CASES: readonly [string, readonly Forbidden[], object, object?][] = [
  ['nothing', [], {}],
  ['privileged', ['privileged'], { privileged: true }],
  [
    'a hook after the start',
    ['privileged'],
    { post_start: [{ command: ['a'] }, { command: ['b'], privileged: true }] },
  ],
  ['a hook before the stop', ['privileged'], { pre_stop: [{ command: ['a'], privileged: true }] }],
  ['hooks that are not', [], { post_start: [{ command: ['a'], privileged: false }], pre_stop: null }],
  ["the host's network", ['host-network'], { network_mode: 'host' }],
  ["a foreign container's network", ['host-network'], { network_mode: 'container:other' }],
  ["another service's network", [], { network_mode: 'service:db' }],
  [
    "the host's network by its name",
    ['host-network'],
    { networks: { out: null } },
    { networks: { out: { name: 'host', external: true } } },
  ],
  ['any other network', [], { networks: { out: null } }, { networks: { out: { name: 'lan', external: true } } }],
  ["the host's process ids", ['host-pid'], { pid: 'host' }],
  ["a foreign container's process ids", ['host-pid'], { pid: 'container:other' }],
  ["another service's process ids", [], { pid: 'service:db' }],
  ["the host's IPC", ['host-ipc'], { ipc: 'host' }],
  ["a foreign container's IPC", ['host-ipc'], { ipc: 'container:other' }],
  ['an IPC that others may share', [], { ipc: 'shareable' }],
  ["the host's users", ['host-userns'], { userns_mode: 'host' }],
  ["the host's hostname", ['host-uts'], { uts: 'host' }],
  ["the host's cgroups", ['cgroup-parent'], { cgroup: 'host' }],
  ['a cgroup of its own choice', ['cgroup-parent'], { cgroup_parent: '/' }],
  ['a private cgroup', [], { cgroup: 'private' }],
  ['a folder of its own', [], bind(`${FOLDER}/conf`)],
  ['its whole folder', [], bind(FOLDER)],
  ["a neighbour's folder", ['host-binds'], bind(`${FOLDER}-2`)],
  ['a way out of its folder', ['host-binds'], bind(`${FOLDER}/../../../../../etc`)],
  ['the root', ['docker-socket', 'host-binds'], bind('/')],
  ['the root, oddly written', ['docker-socket', 'host-binds'], bind('//./etc/..')],
  ['the root as a process sees it', ['docker-socket', 'host-binds'], bind('/proc/1/root')],
  ['a place behind that', ['docker-socket', 'host-binds'], bind('/proc/self/task/1/cwd/../run')],
  ['/run', ['docker-socket', 'host-binds'], bind('/run')],
  ['/var/run', ['docker-socket', 'host-binds'], bind('/var/run/')],
  ['/var', ['docker-socket', 'host-binds'], bind('/var')],
  ['the socket', ['docker-socket', 'host-binds'], bind('/var/run/docker.sock')],
  ['the socket elsewhere', ['docker-socket', 'host-binds'], bind('/srv/x/docker.sock')],
  ['the socket of a user', ['docker-socket', 'host-binds'], bind('/run/user/1000')],
  ["containerd's folder", ['docker-socket', 'host-binds'], bind('/run/containerd')],
  ['another folder of /run', ['host-binds'], bind('/run/lock')],
  ['the socket by a word', ['docker-socket'], { use_api_socket: true }],
  ['volumes of a foreign container', ['docker-socket', 'host-binds'], { volumes_from: ['db', 'container:other:ro'] }],
  ['volumes of another service', [], { volumes_from: ['db:ro'] }],
  ['a volume', [], mounted, { volumes: { v: { name: 'web_v' } } }],
  ['a volume that is a path', ['host-binds'], mounted, volume({ type: 'none', o: 'bind', device: '/etc' })],
  [
    'a path behind a network',
    ['docker-socket', 'host-binds'],
    mounted,
    volume({ type: 'nfs', o: 'rw, bind', device: '/' }),
  ],
  [
    'a path as layers',
    ['docker-socket', 'host-binds'],
    mounted,
    volume({ type: 'overlay', o: 'lowerdir=/run:/srv,upperdir=/tmp/u', device: 'overlay' }),
  ],
  ["a disk's file system", ['devices', 'host-binds'], mounted, volume({ type: 'ext4', device: '/dev/sda1' })],
  ['a volume of another host', [], mounted, volume({ type: 'nfs', o: 'addr=10.0.0.1,rw', device: ':/data' })],
  ['a volume in memory', [], mounted, volume({ type: 'tmpfs', o: 'size=10m', device: 'tmpfs' })],
  ['a volume whose name is a path', ['host-binds'], mounted, { volumes: { v: { name: '/etc', external: true } } }],
  ['capabilities', ['capabilities'], { cap_add: ['SYS_ADMIN'] }],
  ['fewer capabilities', [], { cap_add: [], cap_drop: ['ALL'] }],
  ['devices', ['devices'], { devices: [{ source: '/dev/sda' }] }],
  ['device rules', ['devices'], { device_cgroup_rules: ['c 1:3 mr'] }],
  ['graphics cards', ['devices'], { gpus: [{ count: -1 }] }],
  ['graphics cards by their runtime', ['devices'], { runtime: 'nvidia' }],
  [
    'reserved devices',
    ['devices'],
    { deploy: { resources: { reservations: { devices: [{ capabilities: ['gpu'], count: -1 }] } } } },
  ],
  ['a reserved half of a processor', [], { deploy: { resources: { reservations: { cpus: '0.5' } } } }],
  ['no seccomp', ['security-opt'], { security_opt: ['seccomp:unconfined'] }],
  ['a credential of the host', ['security-opt'], { credential_spec: { registry: 'x' } }],
  ['kernel parameters', ['sysctls'], { sysctls: { 'net.core.somaxconn': '1024' } }],
  ['a build', ['builds'], { build: { context: FOLDER } }],
  ['models', ['models'], { models: { llm: null } }],
];

describe('a policy is told of', () => {
  for (const [name, expected, service, more] of CASES) {
    test(name, () => assert.deepEqual(words(service, more), [...expected].sort()));
  }
});

describe('a path of the host', () => {
  test('is plain however it is written, and once plain stays so', () => {
    const parts = fc.array(fc.constantFrom('a', '..', '.', '', 'proc', '1', 'root', 'var', 'run'), { maxLength: 12 });
    fc.assert(
      fc.property(parts, (given) => {
        const plain = plainHostPath(`/${given.join('/')}`);
        assert.equal(plainHostPath(plain), plain);
        assert.doesNotMatch(plain, /\/\.\.?(\/|$)|\/\//);
      }),
    );
  });

  test('around a socket has the socket', () => {
    const folders = ['/', '/run', '/run/docker', '/run/podman', '/run/user', '/var'];
    for (const folder of folders) assert.equal(reachesSocket(folder), true, folder);
    for (const folder of ['/etc', '/runner', '/run/lock', '/var/lib', '/run/user/1/x']) {
      assert.equal(reachesSocket(folder), false, folder);
    }
  });
});

test('words of a policy are known, or named', () => {
  assert.deepEqual(forbiddenIn(' privileged, host-uts,,'), { forbidden: ['privileged', 'host-uts'] });
  assert.deepEqual(forbiddenIn('privileged,everything'), { unknown: 'everything' });
});
