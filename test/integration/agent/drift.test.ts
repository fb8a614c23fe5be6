// Hand-made changes on a real Docker Engine: each is seen within 10 s, told once, and put right or left alone as the
// stack says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { DriftItem } from '#subjects/schema/drift.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { until } from '#test/harness/until.ts';
import { type Reconciler, startReconciler, wanted } from './reconciler.ts';

let machine: Machine;
let agent: Reconciler;
let dropped = 0;

const COPY = 'overseer-test/copy:1';
const compose = `services:
  always: {image: "${COPY}", init: true, restart: unless-stopped, mem_limit: 32m, command: ["sleep", "100000"]}
  once: {image: "${TEST_IMAGE}", init: true, command: ["sleep", "100000"], volumes: ["./conf:/conf:ro"]}
`;
const FILES = { 'conf/a.txt': 'as written' };
const docker = (...args: string[]) =>
  execFileSync('docker', ['-H', machine.dockerHost, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const told = (type: 'stack.drifted' | 'stack.corrected'): DriftItem[][] =>
  agent.events().flatMap((event) => (event.type === type && event.stack === 'web' ? [event.items] : []));
const reported = () => agent.loop.view().stacks.find(({ name }) => name === 'web');
const identity = () => docker('ps', '-a', '--no-trunc', '--format', '{{.ID}} {{.Names}} {{.State}}').split('\n').sort();
const file = () => `${agent.data}/stacks/web/conf/a.txt`;

interface Change {
  readonly what: string;
  readonly kind: DriftItem['kind'];
  readonly subject: string | null;
  act(): void;
  /** Whether it is as it was. */
  isUndone(): boolean;
}

const stateOf = (name: string) => docker('ps', '-a', '--filter', `name=^${name}$`, '--format', '{{.State}}').trim();
const memoryOf = (name: string) => docker('inspect', '--format', '{{.HostConfig.Memory}}', name).trim();

const CHANGES: readonly Change[] = [
  {
    what: 'a container that was removed',
    kind: 'removed',
    subject: null,
    act: () => docker('rm', '-f', 'web-always-1'),
    isUndone: () => stateOf('web-always-1') === 'running',
  },
  {
    what: 'a container that was stopped, though its policy restarts it',
    kind: 'stopped',
    subject: null,
    act: () => docker('stop', '-t', '1', 'web-always-1'),
    isUndone: () => stateOf('web-always-1') === 'running',
  },
  {
    what: 'a container that was stopped and that nothing restarts',
    kind: 'stopped',
    subject: null,
    act: () => docker('stop', '-t', '1', 'web-once-1'),
    isUndone: () => stateOf('web-once-1') === 'running',
  },
  {
    what: 'a container too many',
    kind: 'extra',
    subject: null,
    act() {
      writeFileSync(`${machine.folder}/more.yaml`, compose.replace('once:', 'more:').replace('./conf', '/tmp'));
      docker('compose', '-p', 'web', '-f', `${machine.folder}/more.yaml`, 'up', '-d', '--no-recreate', 'more');
    },
    isUndone: () => stateOf('web-more-1') === '',
  },
  {
    what: 'a container that was made from another configuration',
    kind: 'config',
    subject: 'config-hash',
    act() {
      const other = compose.replace('100000', '99999').replace('./conf', `${agent.data}/stacks/web/conf`);
      writeFileSync(`${machine.folder}/other.yaml`, other);
      docker('compose', '-p', 'web', '-f', `${machine.folder}/other.yaml`, 'up', '-d', '-t', '1', 'always');
    },
    isUndone: () => docker('inspect', '--format', '{{json .Config.Cmd}}', 'web-always-1').includes('100000'),
  },
  {
    what: 'a limit that was changed in place',
    kind: 'config',
    subject: 'memory',
    act: () => docker('update', '--memory', '64m', '--memory-swap', '64m', 'web-always-1'),
    isUndone: () => memoryOf('web-always-1') === String(32 * 1024 * 1024),
  },
  {
    what: 'a container that was renamed',
    kind: 'config',
    subject: 'name',
    act: () => docker('rename', 'web-always-1', 'nobody'),
    isUndone: () => stateOf('web-always-1') === 'running' && stateOf('nobody') === '',
  },
  {
    what: 'an image that was tagged anew',
    kind: 'image',
    subject: COPY,
    act() {
      docker('commit', '--change', `LABEL n=${++dropped}`, 'web-once-1', 'overseer-test/other:1');
      docker('tag', 'overseer-test/other:1', COPY);
    },
    isUndone: () =>
      docker('inspect', '--format', '{{.Image}}', 'web-always-1') === docker('inspect', '--format', '{{.Id}}', COPY),
  },
  {
    what: 'a file that was edited',
    kind: 'file',
    subject: 'conf/a.txt',
    act: () => writeFileSync(file(), 'by hand'),
    isUndone: () => readFileSync(file(), 'utf8') === 'as written',
  },
];

suite('drift on a real engine', { timeout: 500_000 }, () => {
  before(async () => {
    machine = await startMachine();
  });
  after(() => machine.stop());
  beforeEach(() => {
    docker('tag', TEST_IMAGE, COPY);
    agent = startReconciler(machine.dockerHost);
  });
  afterEach(async () => {
    agent.want([], [{ name: 'web', deployment: newId(), generation: 0, volumes: true }]);
    await agent.converged();
    await agent.stop();
    const left = (await machine.engine.containers()).map(({ id }) => id);
    for (const id of left) await machine.engine.remove(id);
    assert.deepEqual(left, []);
  });

  for (const { what, kind, subject, act, isUndone } of CHANGES) {
    test(`${what} is put right, and both is told`, async () => {
      agent.want([wanted('web', compose, { files: FILES })]);
      await agent.converged();
      assert.ok(isUndone(), 'control: nothing was changed yet');
      act();
      await until(() => told('stack.corrected').length > 0, 10_000, `${what}: put right`);
      await until(() => isUndone(), 5_000, `${what}: undone`);
      const items = told('stack.drifted').flat();
      assert.ok(
        items.some((item) => item.kind === kind && item.subject === subject),
        JSON.stringify(items),
      );
      await until(() => reported()?.phase === 'running' && reported()?.drift.length === 0, 15_000, 'it to be well');
      const steps = agent.steps.length;
      await agent.restart();
      await until(() => reported()?.phase === 'running', 15_000, 'it to be seen again');
      assert.equal(agent.steps.length, steps, 'nothing is left to put right');
    });

    test(`${what} is told and left alone`, async () => {
      agent.want([wanted('web', compose, { files: FILES, drift: 'report' })]);
      await agent.converged();
      act();
      const changed = identity();
      await until(() => reported()?.phase === 'degraded', 10_000, `${what}: seen`);
      const items = reported()?.drift ?? [];
      assert.deepEqual(
        items.map((item) => [item.kind, item.subject]),
        [[kind, subject]],
      );
      assert.match(reported()?.reason ?? '', /changed by hand/);
      await agent.restart();
      await until(() => reported()?.phase === 'degraded', 15_000, `${what}: seen by the next agent`);
      assert.deepEqual(identity(), changed);
      assert.equal(told('stack.drifted').length, 1);
      assert.deepEqual(told('stack.corrected'), []);
      assert.deepEqual(agent.steps, ['up web']);
      // A deployment of the same version makes it right again.
      agent.want([{ ...wanted('web', compose, { files: FILES, drift: 'report' }), deployment: newId() }]);
      await agent.converged();
      assert.ok(isUndone(), 'deployed anew');
    });
  }

  test('where changes are only told, what ends by itself is started all the same', async () => {
    agent.want([wanted('web', compose, { files: FILES, drift: 'report' })]);
    await agent.converged();
    docker('update', '--memory', '64m', '--memory-swap', '64m', 'web-always-1');
    await until(() => reported()?.phase === 'degraded', 10_000, 'the change to be seen');
    process.kill(Number(docker('inspect', '--format', '{{.State.Pid}}', 'web-once-1')), 'SIGKILL');
    await until(() => agent.steps.includes('start web'), 10_000, 'it to be started');
    await until(() => stateOf('web-once-1') === 'running', 5_000, 'it to run');
    assert.equal(memoryOf('web-always-1'), String(64 * 1024 * 1024));
  });
});
