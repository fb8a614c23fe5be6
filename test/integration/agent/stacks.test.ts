// Stacks on a real Docker Engine of its own: the agent's loop, Compose and the engine, without a core.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { hello, idle } from '#test/harness/stacks.ts';
import { until } from '#test/harness/until.ts';
import { type Reconciler, startReconciler, wanted } from './reconciler.ts';

let machine: Machine;
let agent: Reconciler;

const job = (command: string, more = '') => `services:
  job:
    image: ${TEST_IMAGE}
    command: ["sh", "-c", "${command}"]
    ${more}
`;
const removal = (name: string, volumes = false) => ({ name, deployment: newId(), generation: 0, volumes });
const settledOf = (deployment: string | null) =>
  agent.events().filter((event) => event.type === 'stack.settled' && event.deployment === deployment);
const identityOf = async (stack: string) =>
  Object.fromEntries(
    (await machine.engine.containers())
      .filter((c) => c.stack === stack)
      .map((c) => [c.service, `${c.id} ${c.startedAt}`]),
  );

suite('stacks on a real engine', { timeout: 300_000 }, () => {
  before(async () => {
    machine = await startMachine();
  });
  after(() => machine.stop());
  beforeEach(() => {
    agent = startReconciler(machine.dockerHost);
  });
  afterEach(async () => {
    const names = agent.loop.view().stacks.map(({ name }) => name);
    agent.want(
      [],
      names.map((name) => removal(name, true)),
    );
    await agent.converged();
    await agent.stop();
    assert.deepEqual(await machine.engine.containers(), []);
  });

  test('two services come up, the deployment is told once, step by step, and nothing is done twice', async () => {
    const stack = wanted('hello', hello('1'));
    agent.want([stack]);
    await agent.converged();
    assert.deepEqual(await machine.engine.running(), ['hello/caller', 'hello/web']);
    assert.deepEqual(agent.steps, ['up hello']);
    assert.equal(agent.phase('hello'), 'running');
    const told = agent.events().filter((event) => event.type !== 'container.changed');
    assert.deepEqual(
      [...new Set(told.map(({ type }) => type))],
      ['stack.step.started', 'stack.step.output', 'stack.step.finished', 'stack.settled'],
    );
    assert.equal(settledOf(stack.deployment).length, 1);
    const before = await identityOf('hello');
    agent.want([stack]);
    await agent.converged();
    assert.deepEqual(agent.steps, ['up hello'], 'an unchanged stack needs no call of Compose');
    assert.deepEqual(await identityOf('hello'), before);
  });

  test('a change recreates the service that changed and no other', async () => {
    agent.want([wanted('hello', hello('1'))]);
    await agent.converged();
    const before = await identityOf('hello');
    agent.want([wanted('hello', hello('2'), { revision: 2 })]);
    await agent.converged();
    const now = await identityOf('hello');
    assert.equal(now['web'], before['web']);
    assert.notEqual(now['caller'], before['caller']);
  });

  for (const [how, hurt] of [
    ['killed', (id: string) => machine.engine.kill(id)],
    ['removed', (id: string) => machine.engine.remove(id)],
  ] as const) {
    test(`a container that was ${how} is back within 10 s, the others untouched`, async () => {
      agent.want([wanted('one', idle('1')), wanted('two', idle('2'))]);
      await agent.converged();
      const other = await identityOf('two');
      const victim = (await machine.engine.containers()).find(({ stack }) => stack === 'one');
      assert.ok(victim);
      await hurt(victim.id);
      await until(async () => (await machine.engine.running()).length === 2, 10_000, 'both to run');
      assert.deepEqual(await identityOf('two'), other);
      assert.notDeepEqual(await identityOf('one'), { idle: `${victim.id} ${victim.startedAt}` });
    });
  }

  test('a restarted agent touches nothing, with its database and without', async () => {
    agent.want([wanted('hello', hello('1'))]);
    await agent.converged();
    const before = await identityOf('hello');
    await agent.restart();
    await until(() => agent.phase('hello') === 'running', 20_000, 'the stack to be seen');
    assert.deepEqual(agent.steps, ['up hello']);
    await agent.restart({ forget: true });
    await agent.converged();
    assert.deepEqual(agent.steps, ['up hello', 'up hello']);
    assert.deepEqual(await identityOf('hello'), before);
  });

  test('a job that ends well is done, and stays done', async () => {
    const stack = wanted('job', job('echo done'));
    agent.want([stack]);
    await agent.converged();
    assert.equal(agent.phase('job'), 'running');
    assert.deepEqual(agent.steps, ['up job']);
    assert.equal(settledOf(stack.deployment)[0]?.type, 'stack.settled');
  });

  test('what fails says why in the words of the tool, settles once, and holds up nobody', async () => {
    // On a busy machine a process takes its time to die: long enough to pass for steady in a shorter window.
    const slow = { stabilitySeconds: 5 };
    const broken = [
      wanted('missing', job('true').replace('"sh"', '"/no/such/program"')),
      wanted('exits', job('sleep 0.2; exit 7'), slow),
      wanted('loops', job('exit 3', 'restart: always'), { ...slow, healthTimeoutSeconds: 20 }),
      wanted('refused', 'services:\n  a:\n    imagee: x\n'),
      wanted('nowhere', `services: {a: {image: "${TEST_IMAGE}-none", pull_policy: never}}`),
    ];
    const well = wanted('well', idle('1'));
    agent.want([...broken, well]);
    await until(() => agent.phase('well') === 'running', 60_000, 'the good one to run');
    await agent.converged();
    const reasons = broken.map(({ name }) => agent.loop.view().stacks.find((stack) => stack.name === name));
    assert.deepEqual(
      reasons.map((stack) => stack?.phase),
      broken.map(() => 'failed'),
    );
    const [missing, exits, loops, refused, nowhere] = reasons.map((stack) => stack?.reason ?? '');
    assert.match(missing ?? '', /no\/such\/program/);
    assert.match(exits ?? '', /exited with code 7/);
    assert.match(loops ?? '', /crashes again and again/);
    assert.match(refused ?? '', /imagee/);
    assert.match(nowhere ?? '', /No such image/i);
    for (const { deployment } of broken) {
      const told = settledOf(deployment);
      assert.equal(told.length, 1);
      assert.equal(told[0]?.type === 'stack.settled' && told[0].outcome, 'failed');
    }
    const ups = agent.steps.filter((step) => step === 'up refused').length;
    assert.equal(ups, 1, 'what can only fail again is not tried again');
  });

  test('stopped and started again', async () => {
    const stack = wanted('one', idle('1'));
    agent.want([stack]);
    await agent.converged();
    agent.want([{ ...stack, state: 'stopped', hash: 'a'.repeat(64), deployment: newId() }]);
    await agent.converged();
    assert.deepEqual(await machine.engine.running(), []);
    assert.equal(agent.phase('one'), 'stopped');
    agent.want([stack]);
    await agent.converged();
    assert.deepEqual(await machine.engine.running(), ['one/idle']);
  });

  test('removal takes containers and files, volumes and data only when asked', async () => {
    const withVolume = (name: string) =>
      wanted(
        name,
        idle('1').replace('    init: true\n', '    init: true\n    volumes: ["kept:/kept", "./own:/own"]\n') +
          'volumes: {kept: {}}\n',
        { files: { 'own/settings.txt': 'x', 'run.sh': '#!/bin/sh\n' }, env: { A: '1' } },
      );
    agent.want([withVolume('one'), withVolume('two')]);
    await agent.converged();
    const folder = (name: string) => `${agent.data}/stacks/${name}`;
    assert.equal(statSync(`${folder('one')}/.env`).mode & 0o777, 0o600);
    assert.equal(statSync(`${folder('one')}/run.sh`).mode & 0o777, 0o755);
    for (const name of ['one', 'two']) writeFileSync(`${folder(name)}/own/data`, 'written by a container');
    const first = removal('one');
    agent.want([], [first, removal('two', true)]);
    await agent.converged();
    assert.deepEqual(await machine.engine.containers(), []);
    assert.deepEqual(await machine.engine.volumes(), ['one_kept']);
    assert.equal(readFileSync(`${folder('one')}/own/data`, 'utf8'), 'written by a container');
    assert.ok(!existsSync(`${folder('one')}/own/settings.txt`) && !existsSync(`${folder('one')}/compose.yaml`));
    assert.ok(!existsSync(folder('two')));
    assert.equal(settledOf(first.deployment).length, 1);
    assert.equal(agent.phase('one'), 'removed');
  });

  test('a link in a stack folder leads nobody out of it', async () => {
    agent.want([wanted('one', idle('1'), { files: { 'conf/a.txt': 'first' } })]);
    await agent.converged();
    const folder = `${agent.data}/stacks/one`;
    const outside = `${agent.data}/outside`;
    mkdirSync(outside);
    symlinkSync(outside, `${folder}/deep`);
    const bad = wanted('one', idle('1'), { revision: 2, files: { 'deep/a.txt': 'evil' } });
    agent.want([bad]);
    await agent.converged();
    assert.ok(!existsSync(`${outside}/a.txt`));
    assert.equal(agent.phase('one'), 'failed');
    assert.match(agent.loop.view().stacks[0]?.reason ?? '', /files can't be written/);
    assert.ok(!existsSync(`${folder}/conf/a.txt`), 'control: what is no longer in the stack is taken away');
  });

  test('a paused node says what waits and does it when it goes on', async () => {
    agent.want([wanted('one', idle('1'))], [], { paused: true });
    await until(() => agent.phase('one') === 'pending', 10_000, 'the stack to be seen');
    assert.match(agent.loop.view().stacks[0]?.reason ?? '', /paused/);
    assert.deepEqual(agent.steps, []);
    agent.want([wanted('one', idle('1'))]);
    await agent.converged();
    assert.deepEqual(agent.steps, ['up one']);
  });

  test('compose projects that no document names are left alone and reported', async () => {
    agent.want([wanted('one', idle('1')), wanted('mine', idle('1'))]);
    await agent.converged();
    const before = await identityOf('mine');
    agent.want([wanted('one', idle('1'))]);
    await agent.converged();
    await until(() => agent.loop.view().unmanaged.includes('mine'), 10_000, 'it to be reported');
    assert.deepEqual(await identityOf('mine'), before);
    agent.want([wanted('one', idle('1')), wanted('mine', idle('1'))]);
    await agent.converged();
  });
});
