// A hundred secrets are deployed, rotated and removed, the node loses its power while the core is away, and nothing of any
// value is found wherever somebody might look: database, streams, disks, processes, logs, and what went over the bus.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { type BusTap, tapBus } from '#test/harness/bus-tap.ts';
import { type Canary, type CanaryKind, canary, type Scanner, scanner, type Watch } from '#test/harness/canaries.ts';
import { addMachine, type EnrolledAgent, ended, expectStatus, onlineNode, put } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { processesOf } from '#test/harness/processes.ts';
import { filesOf, PLACES, searched } from '#test/harness/secret-places.ts';
import { TEST_IMAGE } from '#test/harness/stacks.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

const SECRETS = 100;
const STACKS = 5;
const EACH = SECRETS / STACKS;
const STRATEGY = { strategy: { stabilitySeconds: 1 } };
/** The second and the third of them: 32 KiB, and several lines. */
const KINDS: Readonly<Record<number, CanaryKind>> = { 1: 'long', 2: 'lines' };
const [major = 0, minor = 0] = release().split('.').map(Number);
const HAS_NOSWAP = major > 6 || (major === 6 && minor >= 4);

/** Two services, one of which has the stack's secrets and shows by its health that it can read them all. */
function reading(names: readonly string[]): string {
  const list = names.map((name) => `"${name}"`).join(', ');
  const check = names.map((name) => `test -s /run/secrets/${name}`).join(' && ');
  return `services:
  reader:
    image: ${TEST_IMAGE}
    init: true
    restart: always
    command: ["sleep", "100000"]
    secrets: [${list}]
    healthcheck: {test: ["CMD-SHELL", "${check}"], interval: 1s, timeout: 3s, retries: 20}
  other:
    image: ${TEST_IMAGE}
    init: true
    restart: always
    command: ["sleep", "100000"]
secrets:
${names.map((name) => `  ${name}: {external: true}`).join('\n')}
`;
}

describe('a hundred secrets', () => {
  let machine: Machine;
  let system: System;
  let agent: EnrolledAgent;
  let tap: BusTap;
  let scan: Scanner;
  let watch: Watch;
  const list = mkdtempSync('/tmp/ovl-');
  const first = Array.from({ length: SECRETS }, (_, at) => canary(`secret-${at}`, KINDS[at]));
  const second = first.map(({ name }, at) => canary(name, KINDS[at]));
  const open = canary('open');
  const planted = `/tmp/ovp-${process.pid}`;
  const namesOf = (stack: number) => first.slice(stack * EACH, (stack + 1) * EACH).map(({ name }) => name);
  const mount = () => `/run/overseer-agent/${agent.node}`;
  const found = (isCoreThere = true, sought = scan) => searched(sought, { system, machine, agent, tap }, isCoreThere);

  before(async () => {
    scan = scanner([...first, ...second], list);
    machine = await startMachine();
    system = await startSystem({ dockerHost: null, open: true });
    agent = await addMachine(system, machine, { name: 'far' });
    await onlineNode(system, 'far');
    tap = await tapBus(system);
    // From before the first is set until the last is removed.
    watch = scan.watch(new Set([process.pid]));
  });
  after(async () => {
    watch?.stop();
    await tap?.stop();
    await agent?.kill('SIGTERM');
    await system?.stop();
    await machine?.stop();
    execFileSync('sh', ['-c', 'umount -l "$1" 2>/dev/null; rmdir "$1" 2>/dev/null; true', 'sh', mount()]);
    for (const path of [list, planted]) rmSync(path, { recursive: true, force: true });
  });

  async function set(values: readonly Canary[]): Promise<string[]> {
    const deployments: string[] = [];
    for (const { name, value } of values) {
      const { body } = expectStatus(await system.api('PUT', `/api/secrets/${name}`, { value }), 200, 201, 202);
      deployments.push(...body.deployments.map(({ deployment }: { deployment: string }) => deployment));
    }
    return deployments;
  }

  function assertRead(values: readonly Canary[]): void {
    for (const { name, value } of values.slice(0, 4)) {
      const command = ['exec', 's-0-reader-1', 'sha256sum', `/run/secrets/${name}`];
      const env = { PATH: process.env['PATH'], DOCKER_HOST: machine.dockerHost };
      const told = execFileSync('docker', command, { env, encoding: 'utf8' });
      assert.equal(told.split(' ')[0], createHash('sha256').update(value).digest('hex'), name);
    }
  }

  test('are deployed, and every container reads its own', async () => {
    await set(first);
    for (let stack = 0; stack < STACKS; stack++) {
      const text = reading(namesOf(stack));
      const { deployment } = await put(system, `s-${stack}`, text, { nodes: [agent.node] }, STRATEGY);
      const outcome = await ended(system, deployment, 120_000);
      assert.equal(outcome.state, 'succeeded', JSON.stringify(outcome));
    }
    assertRead(first);
  });

  test('lie in a tmpfs that is never swapped', () => {
    const line = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .find((each) => each.split(' ')[4] === mount());
    assert.match(line ?? '', / - tmpfs /);
    if (HAS_NOSWAP) assert.match(line ?? '', /\bnoswap\b/);
  });

  test('are found nowhere', async () => {
    assert.deepEqual(await found(), {});
  });

  test('one rotated alone recreates only the service that reads it', async () => {
    const before = await machine.engine.identity();
    const [changed] = second;
    const deployments = await set([changed as Canary]);
    assert.equal(deployments.length, 1);
    assert.equal((await ended(system, deployments[0] as string)).state, 'succeeded');
    const now = await machine.engine.identity();
    const others = Object.keys(now).filter((key) => now[key] !== before[key]);
    assert.deepEqual(others, ['s-0/reader']);
  });

  test('all are rotated and found nowhere, neither old nor new', async () => {
    const deployments = await set(second.slice(1));
    await ended(system, deployments.slice(-1)[0] as string, 120_000);
    const settled = async () => {
      const { body } = expectStatus(await system.api('GET', `/api/nodes/${agent.node}/status`), 200);
      return body.observedGeneration === body.desired.generation;
    };
    await until(settled, 120_000, 'the node to have applied all rotations');
    assertRead(second);
    assert.deepEqual(await found(), {});
  });

  test('the same search finds what is no secret, in each place', async () => {
    const control = scanner([open], mkdtempSync(`${list}/control-`));
    const watched = control.watch(new Set([process.pid]));
    const text = JSON.stringify(open.value);
    const compose = `services:
  a:
    image: ${TEST_IMAGE}
    init: true
    command: ["sh", "-c", "while :; do sleep 1000; done", ${text}]
    environment: {OPEN: ${text}}
`;
    const { deployment } = await put(system, 'control', compose, { nodes: [agent.node] }, STRATEGY);
    assert.equal((await ended(system, deployment)).state, 'succeeded');
    // Its name is told: in events, which streams keep as they are.
    const image = `127.0.0.1:9/${open.value.slice(open.value.indexOf('&') + 1)}:1`;
    const failing = `services: {a: {image: "${image}"}}`;
    const failed = await put(system, 'failing', failing, { nodes: [agent.node] }, STRATEGY);
    assert.equal((await ended(system, failed.deployment)).state, 'failed');
    const logs = filesOf({ system, machine, agent });
    for (const log of ['core log', 'agent log', 'engine log'] as const) appendFileSync(logs[log], `${open.value}\n`);
    writeFileSync(planted, open.value);
    const places = await found(true, control);
    for (const place of PLACES) assert.ok(place in places, `not in: ${place}`);
    assert.deepEqual(watched.stop().found.toSorted(), ['/proc/N/cmdline', '/proc/N/environ']);
  });

  test('power is lost while the core is away: within 60 s everything is healthy again', async (t) => {
    await system.killCore({ spareAgent: true });
    await agent.kill('SIGKILL');
    await machine.powerOff();
    execFileSync('umount', ['-l', mount()]);
    assert.deepEqual(readdirSync(mount()), [], 'control: the secrets are gone');
    const begun = Date.now();
    const powered = machine.powerOn();
    agent.start();
    await powered;
    const healthy = async () => {
      const ours = (await machine.engine.containers()).filter(({ stack }) => stack.startsWith('s-'));
      const isWell = ({ service, state, health }: (typeof ours)[number]) =>
        state === 'running' && (service === 'other' || health === 'healthy');
      return ours.length === 2 * STACKS && ours.every(isWell);
    };
    await until(healthy, begun + 60_000 - Date.now(), 'all services of all stacks to be healthy again');
    t.diagnostic(`healthy ${Date.now() - begun} ms after the engine was started`);
    assertRead(second);
    const core = processesOf(system.data).filter(({ command }) => /services\/all/.test(command));
    assert.deepEqual(core, [], 'the core is away');
    const places = await found(false);
    assert.deepEqual(places, {}, 'before anybody is told');
  });

  test('what waited on the node is told without them', async () => {
    // Nothing comes before somebody listens.
    machine.cut('silent');
    await system.start();
    await tap.stop();
    tap = await tapBus(system);
    machine.heal();
    await onlineNode(system, 'far');
    const isDrained = () => tap.captured.some((message) => message.includes('secrets.opened'));
    await until(isDrained, 60_000, 'what happened meanwhile to be told');
    assert.deepEqual(await found(), {});
  });

  test('are removed with their stacks, and nothing is left of them', async () => {
    for (let stack = 0; stack < STACKS; stack++) {
      const { body } = expectStatus(await system.api('DELETE', `/api/stacks/s-${stack}`), 202);
      await ended(system, body.deployment);
    }
    for (const { name } of first) expectStatus(await system.api('DELETE', `/api/secrets/${name}`), 200, 204);
    assert.deepEqual(await found(), {});
    const left = execFileSync('find', [mount(), '-type', 'f'], { encoding: 'utf8' });
    assert.equal(left, '');
  });

  test('stood in no argument and no environment at any time', (t) => {
    const { found: places, looked } = watch.stop();
    t.diagnostic(`${looked} processes were looked into`);
    assert.ok(looked > 500, `${looked}`);
    assert.deepEqual(places, []);
  });
});
