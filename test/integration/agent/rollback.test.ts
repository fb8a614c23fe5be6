// Revisions that fail their gate on a real Docker Engine: the last good one runs again, with its data, and the true
// reason is told once.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { NodeEventBody } from '#subjects/schema/node-event.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { idle } from '#test/harness/stacks.ts';
import { until } from '#test/harness/until.ts';
import { type Reconciler, startReconciler, wanted } from './reconciler.ts';

let machine: Machine;
let agent: Reconciler;

const service = (command: string, more = '') => `services:
  app:
    image: ${TEST_IMAGE}
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "${command}"]
    volumes: ["kept:/kept"]
${more}
volumes: {kept: {}}
`;
const GOOD = service('echo one >> /kept/log; exec sleep 100000');
const PORT = 18080;
const version = (revision: number, compose: string, more: Partial<DesiredStack> = {}) =>
  wanted('app', compose, { revision, rollback: true, stabilitySeconds: 5, healthTimeoutSeconds: 60, ...more });
const removal = (name: string) => ({ name, deployment: newId(), generation: 0, volumes: true });
const identityOf = async (stack: string) =>
  (await machine.engine.containers()).filter((c) => c.stack === stack).map((c) => `${c.id} ${c.startedAt}`);
function settledOf({ deployment }: DesiredStack) {
  const told = agent.events().filter((event) => event.type === 'stack.settled' && event.deployment === deployment);
  return told as (NodeEventBody & { type: 'stack.settled' })[];
}
const others = ['one', 'two', 'three', 'four'].map((name) => wanted(name, idle(name)));
const holder = wanted('holder', `${idle('h')}    ports: ["${PORT}:80"]\n`);
const five = [...others, holder];

const FAILURES: readonly (readonly [what: string, compose: string, reason: RegExp, lines: readonly string[] | null])[] =
  [
    [
      'one that crashes again and again',
      service('echo cannot work; exit 3', '    restart: always'),
      /^app-app-1 crashes again and again: \d restarts, exit code 3$/,
      ['cannot work'],
    ],
    [
      'one that never becomes healthy',
      service(
        'echo I am ill; exec sleep 100000',
        '    healthcheck: {test: ["CMD", "false"], interval: 1s, timeout: 1s, retries: 2}',
      ),
      /^app-app-1 is unhealthy$/,
      ['I am ill'],
    ],
    [
      'one that dies of memory 2 s after its start',
      service('echo hungry; sleep 2; exec tail /dev/zero', '    mem_limit: 16m'),
      /^app-app-1 ran out of memory$/,
      ['hungry'],
    ],
    ['one whose image can not be had', GOOD.replace(TEST_IMAGE, '127.0.0.1:9/no/such:1'), /127\.0\.0\.1:9/, null],
    [
      'one whose port is taken',
      service('exec sleep 1000', `    ports: ["${PORT}:80"]`),
      /port is already allocated/,
      [],
    ],
  ];

suite('a revision that fails its gate', { timeout: 500_000 }, () => {
  before(async () => {
    machine = await startMachine();
  });
  after(() => machine.stop());
  beforeEach(() => {
    agent = startReconciler(machine.dockerHost);
  });
  afterEach(async () => {
    const names = agent.loop.view().stacks.map(({ name }) => name);
    agent.want([], names.map(removal));
    await agent.converged();
    await agent.stop();
    assert.deepEqual(await machine.engine.containers(), []);
  });

  test('each way to fail goes back to the last good revision, and 5 other stacks stay as they are', async () => {
    const good = version(1, GOOD);
    agent.want([good, ...five]);
    await agent.converged();
    const untouched = await Promise.all(five.map(({ name }) => identityOf(name)));
    for (const [index, [what, compose, reason, lines]] of FAILURES.entries()) {
      const bad = version(index + 2, compose);
      agent.want([bad, ...five]);
      await agent.converged();
      const [told, ...more] = settledOf(bad);
      assert.deepEqual(more, [], what);
      assert.equal(told?.outcome, 'rolled-back', `${what}: ${told?.reason}`);
      assert.match(told?.reason ?? '', reason, what);
      if (lines === null) assert.equal(told?.failure, null);
      else assert.deepEqual([told?.failure?.service, told?.failure?.lines.slice(0, 1)], ['app', lines], what);
      const seen = agent.loop.view().stacks.find(({ name }) => name === 'app');
      assert.deepEqual([seen?.phase, seen?.revision, seen?.settled?.outcome], ['rolled-back', 1, 'rolled-back']);
      assert.match(seen?.reason ?? '', /revision 1 runs$/);
      assert.ok((await machine.engine.running()).includes('app/app'), what);
      assert.deepEqual(await machine.engine.volumes(), ['app_kept']);
      const steps = agent
        .events()
        .filter((event) => event.type === 'stack.step.started' && event.deployment === bad.deployment);
      assert.match(
        JSON.stringify(steps.at(-1)),
        new RegExp(`revision ${index + 2} failed: .*; going back to revision 1`),
      );
    }
    assert.deepEqual(await Promise.all(five.map(({ name }) => identityOf(name))), untouched);
  });

  test('an agent that starts anew remembers what was given up, and repairs what runs instead', async () => {
    agent.want([version(1, GOOD)]);
    await agent.converged();
    const bad = version(2, service('exit 3'));
    agent.want([bad]);
    await agent.converged();
    assert.equal(settledOf(bad)[0]?.outcome, 'rolled-back');
    const before = await identityOf('app');
    await agent.restart();
    await until(() => agent.phase('app') === 'rolled-back', 20_000, 'the stack to be seen');
    assert.deepEqual(await identityOf('app'), before);
    const [victim] = (await machine.engine.containers()).filter(({ stack }) => stack === 'app');
    await machine.engine.remove(victim?.id ?? '');
    await until(async () => (await identityOf('app')).length === 1, 10_000, 'it to be put right');
    await until(() => agent.phase('app') === 'rolled-back', 20_000, 'it to be steady');
    assert.equal(settledOf(bad).length, 1);
    const better = version(3, GOOD.replace('100000', '100001'));
    agent.want([better]);
    await agent.converged();
    assert.equal(settledOf(better)[0]?.outcome, 'succeeded');
    assert.equal(agent.phase('app'), 'running');
  });

  test('without a good one before it, or when it must not go back, it has failed', async () => {
    const first = version(1, service('exit 3'));
    agent.want([first]);
    await agent.converged();
    assert.equal(settledOf(first)[0]?.outcome, 'failed');
    assert.match(settledOf(first)[0]?.reason ?? '', /exited with code 3/);
    agent.want([version(2, GOOD)]);
    await agent.converged();
    const stays = version(3, service('echo no way back; exit 4'), { rollback: false });
    agent.want([stays]);
    await agent.converged();
    const [told] = settledOf(stays);
    assert.deepEqual([told?.outcome, told?.failure?.exitCode, told?.failure?.lines], ['failed', 4, ['no way back']]);
    assert.equal(agent.phase('app'), 'failed');
  });

  test('a change of files alone makes the service that mounts them anew, and no other', async () => {
    const compose = `services:
  reads: {image: "${TEST_IMAGE}", init: true, command: ["sleep", "100000"], volumes: ["./conf:/conf:ro"]}
  one: {image: "${TEST_IMAGE}", init: true, command: ["sleep", "100000"], volumes: ["./single.txt:/single.txt:ro"]}
  rest: {image: "${TEST_IMAGE}", init: true, command: ["sleep", "100000"]}
`;
    const files = { 'conf/a.txt': '1', 'single.txt': '1' };
    const ids = async () => Object.fromEntries((await machine.engine.containers()).map((c) => [c.service, c.id]));
    agent.want([version(1, compose, { files })]);
    await agent.converged();
    const before = await ids();
    agent.want([version(2, compose, { files: { ...files, 'conf/a.txt': '2' } })]);
    await agent.converged();
    const between = await ids();
    assert.deepEqual([between['one'], between['rest']], [before['one'], before['rest']]);
    assert.notEqual(between['reads'], before['reads']);
    agent.want([version(3, compose, { files: { 'conf/a.txt': '2', 'single.txt': '2' } })]);
    await agent.converged();
    const now = await ids();
    assert.deepEqual([now['reads'], now['rest']], [between['reads'], between['rest']]);
    assert.notEqual(now['one'], between['one']);
    assert.deepEqual(agent.steps, ['up app', 'up app', 'recreate app', 'up app', 'recreate app']);
  });
});
