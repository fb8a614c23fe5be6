// A hundred secrets are deployed, rotated and removed, the node loses its power while the core is away, and nothing of any
// value is found wherever somebody might look: database, streams, disks, processes, logs, and what went over the bus.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type BusTap, tapBus, unpacked } from '#test/harness/bus-tap.ts';
import { type Canary, canary, type Scanner, scanner } from '#test/harness/canaries.ts';
import { databaseDump } from '#test/harness/database-dump.ts';
import { addMachine, type EnrolledAgent, ended, expectStatus, onlineNode, put } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { processesOf } from '#test/harness/processes.ts';
import { TEST_IMAGE } from '#test/harness/stacks.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

const SECRETS = 100;
const STACKS = 5;
const EACH = SECRETS / STACKS;
const STRATEGY = { strategy: { stabilitySeconds: 1 } };

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
  const list = mkdtempSync('/tmp/ovl-');
  const first = Array.from({ length: SECRETS }, (_, at) => canary(`secret-${at}`));
  const second = first.map(({ name }) => canary(name));
  const open = canary('open');
  const namesOf = (stack: number) => first.slice(stack * EACH, (stack + 1) * EACH).map(({ name }) => name);

  before(async () => {
    scan = scanner([...first, ...second], list);
    machine = await startMachine();
    system = await startSystem({ dockerHost: null, open: true });
    agent = await addMachine(system, machine, { name: 'far' });
    await onlineNode(system, 'far');
    tap = await tapBus(system);
  });
  after(async () => {
    await tap?.stop();
    await agent?.kill('SIGTERM');
    await system?.stop();
    await machine?.stop();
    const mount = `/run/overseer-agent/${agent?.node}`;
    execFileSync('sh', ['-c', 'umount -l "$1" 2>/dev/null; rmdir "$1" 2>/dev/null; true', 'sh', mount]);
    rmSync(list, { recursive: true, force: true });
  });

  async function set(values: readonly Canary[]): Promise<string[]> {
    const deployments: string[] = [];
    for (const { name, value } of values) {
      const { body } = expectStatus(await system.api('PUT', `/api/secrets/${name}`, { value }), 200, 201, 202);
      deployments.push(...body.deployments.map(({ deployment }: { deployment: string }) => deployment));
    }
    return deployments;
  }

  /** Every place at once; what is found is told by its place alone. */
  async function found(scanner: Scanner): Promise<string[]> {
    const own = new Set([process.pid]);
    const readers = await machine.engine.processes();
    const files = scanner.files(system.data, machine.folder, system.data.replace(/data$/, 'output.log'));
    const rows = (await databaseDump(system)).filter((row) => scanner.text(row).length > 0);
    const wires = tap.captured.filter((message) => scanner.text(message).length > 0);
    const cached = scanner.text(unpacked(readFileSync(`${agent.data}/desired.bin`))).map(() => 'desired.bin');
    const inspected = execFileSync('sh', ['-c', 'docker ps -aq | xargs -r docker inspect'], {
      env: { PATH: process.env['PATH'], DOCKER_HOST: machine.dockerHost },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    assert.ok(readers.length > 0 && rows.length >= 0);
    return [
      ...files.map((line) => `file ${line.split(':')[0]}`),
      ...rows.map((row) => `row of ${row.split(':')[0]}`),
      ...wires.map((message) => `message ${message.split(' ')[0]}`),
      ...cached,
      ...scanner.processes(own).map((file) => `process ${file}`),
      ...scanner.text(inspected).map(() => 'docker inspect'),
    ];
  }

  test('are deployed, and every container reads its own', async () => {
    await set(first);
    for (let stack = 0; stack < STACKS; stack++) {
      const { deployment } = await put(
        system,
        `s-${stack}`,
        reading(namesOf(stack)),
        { nodes: [agent.node] },
        STRATEGY,
      );
      const outcome = await ended(system, deployment, 120_000);
      assert.equal(outcome.state, 'succeeded', JSON.stringify(outcome));
    }
  });

  test('are found nowhere', async () => {
    assert.deepEqual(await found(scan), []);
  });

  test('one rotated alone recreates only the service that reads it', async () => {
    const before = await machine.engine.identity();
    const [changed] = second;
    const deployments = await set([changed as Canary]);
    assert.equal(deployments.length, 1);
    assert.equal((await ended(system, deployments[0] as string)).state, 'succeeded');
    const now = await machine.engine.identity();
    assert.deepEqual(
      Object.keys(now).filter((key) => now[key] !== before[key]),
      ['s-0/reader'],
    );
  });

  test('all are rotated and found nowhere, neither old nor new', async () => {
    const deployments = await set(second.slice(1));
    const last = deployments.slice(-1)[0] as string;
    await ended(system, last, 120_000);
    const settled = async () => {
      const { body } = expectStatus(await system.api('GET', `/api/nodes/${agent.node}/status`), 200);
      return body.observedGeneration === body.desired.generation;
    };
    await until(settled, 120_000, 'the node to have applied all rotations');
    assert.deepEqual(await found(scan), []);
  });

  test('the same search finds an environment variable', async () => {
    const control = scanner([open], mkdtempSync(`${list}/control-`));
    const compose = `services:\n  a:\n    image: ${TEST_IMAGE}\n    init: true\n    command: ["sleep", "100000"]\n    environment: {OPEN: ${JSON.stringify(open.value)}}\n`;
    const { deployment } = await put(system, 'control', compose, { nodes: [agent.node] }, STRATEGY);
    assert.equal((await ended(system, deployment)).state, 'succeeded');
    const places = new Set((await found(control)).map((place) => place.split(' ')[0]));
    for (const place of ['file', 'row', 'message', 'process', 'docker'])
      assert.ok(places.has(place), `not as ${place}`);
  });

  test('power is lost while the core is away: within 60 s everything is healthy again', async (t) => {
    await system.killCore({ spareAgent: true });
    await agent.kill('SIGKILL');
    await machine.powerOff();
    const mount = `/run/overseer-agent/${agent.node}`;
    execFileSync('umount', ['-l', mount]);
    assert.deepEqual(readdirSync(mount), [], 'control: the secrets are gone');
    const begun = Date.now();
    await machine.powerOn();
    agent.start();
    const healthy = async () => {
      const readers = (await machine.engine.containers()).filter(({ service }) => service === 'reader');
      return readers.length === STACKS && readers.every(({ health }) => health === 'healthy');
    };
    await until(healthy, 60_000, 'all stacks to be healthy again');
    t.diagnostic(`healthy after ${Date.now() - begun} ms`);
    assert.ok(
      processesOf(system.data).every(({ command }) => !/services\/all/.test(command)),
      'the core is away',
    );
    await system.start();
    await onlineNode(system, 'far');
    await tap.stop();
    tap = await tapBus(system);
    assert.deepEqual(await found(scan), []);
  });

  test('are removed with their stacks, and nothing is left of them', async () => {
    for (let stack = 0; stack < STACKS; stack++) {
      const { body } = expectStatus(await system.api('DELETE', `/api/stacks/s-${stack}`), 202);
      await ended(system, body.deployment);
    }
    for (const { name } of first) expectStatus(await system.api('DELETE', `/api/secrets/${name}`), 200, 204);
    assert.deepEqual(await found(scan), []);
    const left = execFileSync('find', [`/run/overseer-agent/${agent.node}`, '-type', 'f'], { encoding: 'utf8' });
    assert.equal(left, '');
  });
});
