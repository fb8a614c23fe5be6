// Hostile and broken Compose files against the whole product: refused with a clear reason or ended as a failed deployment
// with one, and the agent goes on as if nothing had been asked.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deploy, ended, onlineNode } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { idle, TEST_IMAGE } from '#test/harness/stacks.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { MALFORMED, OUTSIDE } from '#test/unit/scheduler/compose-corpus.ts';
import { REACHING } from '#test/unit/scheduler/compose-corpus-reach.ts';
import { UNLIKE } from '#test/unit/scheduler/compose-corpus-readers.ts';

const MIB = 1024 * 1024;

function service(body: string): string {
  return `services:\n  web:\n    image: ${TEST_IMAGE}\n    init: true\n    command: ["sleep", "100000"]\n${body.replace(/^(?=.)/gm, '    ')}\n`;
}

/** What the core takes and a node can't do. */
const FAILING: readonly (readonly [name: string, compose: string, reason: RegExp])[] = [
  ['a mount of a path that cannot be', service('volumes: ["/proc/nonsense/x:/x"]'), /proc\/nonsense|mount|mkdir/],
  [
    'a command that is not there',
    service('entrypoint: ["/no/such/program"]'),
    /no such file|not found|exit(ed)? (with )?code 127/i,
  ],
  ['a user that is not there', service('user: nobody-of-that-name'), /user|passwd/],
  ['an address that is not ours', service('ports: ["203.0.113.7:8080:80"]'), /assign|bind|address/],
  ['a network of somebody else', `${service('networks: [far]')}networks:\n  far: {external: true}\n`, /far/],
  ['a volume of somebody else', `${service('volumes: ["far:/x"]')}volumes:\n  far: {external: true}\n`, /far/],
  ['an image that nobody has', 'services:\n  web: {image: "overseer-test/none:1", pull_policy: never}\n', /none/],
  [
    'an environment of a mebibyte',
    service(`environment: {A: "${'x'.repeat(MIB / 2)}"}`),
    /too long|too large|argument/i,
  ],
];

describe('hostile Compose files', () => {
  let machine: Machine;
  let system: System;
  let node: string;
  let agent: number;
  before(async () => {
    machine = await startMachine();
    system = await startSystem({
      dockerHost: machine.dockerHost,
      env: { OVERSEER_FORBID: 'privileged,docker-socket', OVERSEER_AGENT_FORBID: 'capabilities' },
    });
    node = (await onlineNode(system)).id;
    await deploy(system, 'good', idle('good'), { nodes: [node] });
    agent = system.pid('agent');
  });
  after(async () => {
    await system?.stop();
    await machine?.stop();
  });

  const put = (compose: string, more: object = {}) =>
    system.api('PUT', '/api/stacks/hostile', { compose, targets: { nodes: [node] }, ...more });

  async function isUntouched(before: Record<string, string>): Promise<void> {
    assert.equal(system.pid('agent'), agent, 'the agent lives on');
    assert.equal((await machine.engine.identity())['good/idle'], before['good/idle']);
  }

  test('every text of the corpus is refused with its code', async () => {
    const before = await machine.engine.identity();
    for (const { name, compose, files = {}, env = {}, code } of [...MALFORMED, ...UNLIKE, ...OUTSIDE, ...REACHING]) {
      const { status, body } = await put(compose, { files, env });
      // What would not even fit a request is told so.
      if (compose.length > MIB) assert.ok([400, 413, 422].includes(status), name);
      else assert.deepEqual([status, body.code], [422, code], name);
      assert.ok(body.detail.length > 10, name);
    }
    assert.equal((await system.api('GET', '/api/stacks/hostile')).status, 404, 'nothing was stored');
    await isUntouched(before);
  });

  for (const [what, compose] of [
    ['privileged', service('privileged: true')],
    ['docker-socket', service('volumes: ["/var/run/docker.sock:/s"]')],
  ] as const) {
    test(`${what} is refused by the policy, new and as an update`, async () => {
      const { status, body } = await put(compose);
      assert.deepEqual([status, body.code, body.forbidden], [422, 'policy-refused', what], JSON.stringify(body));
      const update = await system.api('PUT', '/api/stacks/good', { compose, targets: { nodes: [node] } });
      assert.equal(update.body.code, 'policy-refused');
    });
  }

  for (const [name, compose, reason] of FAILING) {
    test(`${name} ends as a failed deployment that says why`, async () => {
      const before = await machine.engine.identity();
      const { status, body } = await put(compose, { strategy: { healthTimeoutSeconds: 20 } });
      assert.equal(status, 202, JSON.stringify(body));
      const outcome = await ended(system, body.deployment, 60_000);
      assert.equal(outcome.state, 'failed', JSON.stringify(outcome.reason));
      const { reason: said, failure } = outcome.targets[0];
      assert.match([said, ...(failure?.lines ?? [])].join('\n'), reason);
      await isUntouched(before);
    });
  }

  test("a node's own policy holds whatever the core takes", async () => {
    const { status, body } = await put(service('cap_add: [NET_ADMIN]'));
    assert.equal(status, 202, 'control: this core has nothing against it');
    const outcome = await ended(system, body.deployment);
    assert.equal(outcome.state, 'failed');
    assert.match(outcome.targets[0].reason, /policy of this host.*capabilities/);
  });

  test('the node still does what it is told', async () => {
    await deploy(system, 'hostile', idle('tame'), { nodes: [node] });
    assert.ok((await machine.engine.running()).includes('hostile/idle'));
  });
});
