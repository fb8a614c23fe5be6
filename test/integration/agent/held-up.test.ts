// What holds one stack up on a real engine must not hold up another, nor itself for ever; and what has ended is not begun
// again by a repair.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
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
let desired: DesiredStack[] = [];

function docker(...args: string[]): string {
  const env = { PATH: process.env['PATH'], DOCKER_HOST: machine.dockerHost };
  return execFileSync('docker', args, { env, encoding: 'utf8' }).trim();
}

function want(...stacks: DesiredStack[]): void {
  desired = stacks;
  agent.want(stacks);
}

function settledOf({ deployment }: DesiredStack) {
  const told = agent.events().filter((event) => event.type === 'stack.settled' && event.deployment === deployment);
  return told as (NodeEventBody & { type: 'stack.settled' })[];
}
const outcomeOf = (stack: DesiredStack, withinMs: number) =>
  until(() => settledOf(stack)[0], withinMs, `the outcome of ${stack.name}`);
const startsOf = async (stack: string) =>
  Object.fromEntries(
    (await machine.engine.containers())
      .filter((container) => container.stack === stack)
      .map(({ service, startedAt }) => [service, startedAt]),
  );

const sleeper = (name: string, more = '') =>
  `  ${name}:\n    image: ${TEST_IMAGE}\n    init: true\n    command: ["sleep", "100000"]\n${more}`;
const withJob = `services:
${sleeper('web', '    depends_on: {job: {condition: service_completed_successfully}}\n    volumes: ["kept:/kept"]\n')}
  job:
    image: ${TEST_IMAGE}
    command: ["sh", "-c", "echo ran >> /kept/log"]
    volumes: ["kept:/kept"]
volumes: {kept: {}}
`;

suite('what holds up', { timeout: 300_000 }, () => {
  before(async () => {
    machine = await startMachine();
  });
  after(() => machine.stop());
  beforeEach(() => {
    agent = startReconciler(machine.dockerHost, undefined, 6_000);
  });
  afterEach(async () => {
    const removed = desired.map(({ name }) => ({ name, deployment: newId(), generation: 0, volumes: true }));
    agent.want([], removed);
    await agent.converged();
    await agent.stop();
    assert.deepEqual(await machine.engine.containers(), []);
  });

  test('an image name that is none fails its own stack, and every other one is deployed', async () => {
    const wrong = wanted('wrong', `services:\n  a:\n    image: 127.0.0.1:9/Upper/Case:1\n`);
    const other = wanted('other', idle('1'));
    want(wrong, other);
    assert.equal((await outcomeOf(other, 30_000)).outcome, 'succeeded');
    const outcome = await outcomeOf(wrong, 60_000);
    assert.equal(outcome.outcome, 'failed');
    assert.match(outcome.reason ?? '', /invalid reference format|repository name/);
  });

  test('a job that others wait for and that never ends: over within the time a stack has, back to the last good one, and others go on meanwhile', async () => {
    const hanging = (name: string) =>
      `services:\n${sleeper('web', '    depends_on: {job: {condition: service_completed_successfully}}\n')}${sleeper('job', `    environment: {N: ${name}}\n`)}`;
    const terms = { rollback: true, healthTimeoutSeconds: 1 };
    const names = ['h1', 'h2', 'h3', 'h4', 'h5'];
    const bystander = wanted('bystander', idle('1').replace('restart: always', 'restart: "no"'));
    want(...names.map((name) => wanted(name, idle(name), terms)), bystander);
    await agent.converged();
    const bad = names.map((name) => wanted(name, hanging(name), { ...terms, revision: 2 }));
    want(...bad, bystander);
    await until(
      () => agent.steps.filter((step) => step.startsWith('up h')).length > names.length,
      20_000,
      'them to hang',
    );
    docker('kill', 'bystander-idle-1');
    await until(async () => (await machine.engine.running()).includes('bystander/idle'), 10_000, 'the bystander');
    for (const one of bad) {
      const outcome = await outcomeOf(one, 200_000);
      assert.equal(outcome.outcome, 'rolled-back', outcome.reason ?? '');
      assert.match(outcome.reason ?? '', /^it was not up within 1 s: h\d-job-1 has not ended$/);
    }
  });

  test('a service with a health check that ends with 0 is no job', async () => {
    const check = '    healthcheck: {test: ["CMD", "true"], interval: 1s}\n';
    const one = wanted(
      'ended',
      `services:\n  a:\n    image: ${TEST_IMAGE}\n    command: ["sh", "-c", "echo bye; sleep 2"]\n${check}`,
      { stabilitySeconds: 4 },
    );
    want(one);
    const outcome = await outcomeOf(one, 60_000);
    assert.deepEqual([outcome.outcome, outcome.failure?.lines], ['failed', ['bye']]);
  });

  test('repairs, corrections and a restart of the agent run no job again that has ended', async () => {
    const one = wanted('jobs', withJob);
    want(one);
    await agent.converged();
    const first = await startsOf('jobs');
    docker('kill', 'jobs-web-1');
    await until(async () => (await machine.engine.running()).includes('jobs/web'), 10_000, 'the repair');
    docker('rm', '-f', 'jobs-web-1');
    await until(async () => (await machine.engine.running()).includes('jobs/web'), 10_000, 'the correction');
    await agent.restart();
    docker('kill', 'jobs-web-1');
    await until(
      async () => (await machine.engine.running()).includes('jobs/web'),
      15_000,
      'the repair after a restart',
    );
    const now = await startsOf('jobs');
    assert.equal(now['job'], first['job']);
    assert.notEqual(now['web'], first['web'], 'control');
    assert.equal(docker('exec', 'jobs-web-1', 'cat', '/kept/log'), 'ran');
  });

  test('a container of a profile that somebody started by hand: taken away, or told and left, never taken over', async () => {
    const text = `services:\n${sleeper('web')}${sleeper('debug', '    profiles: [debug]\n')}`;
    const byHand = () =>
      docker(
        'compose',
        '-p',
        'prof',
        '--profile',
        'debug',
        '--project-directory',
        `${agent.data}/stacks/prof`,
        'up',
        '-d',
      );
    const one = wanted('prof', text, { drift: 'report' });
    want(one);
    await agent.converged();
    byHand();
    const drift = () =>
      agent.loop
        .view()
        .stacks.find(({ name }) => name === 'prof')
        ?.drift.map(({ kind, service }) => `${kind} ${service}`);
    await until(() => drift()?.join() === 'extra debug', 15_000, 'it to be told');
    const next = wanted('prof', `${text}  # another text\n`, { drift: 'report', revision: 2 });
    want(next);
    await agent.converged();
    await until(() => drift()?.join() === 'extra debug', 15_000, 'it to be told still');
    want(wanted('prof', `${text}  # a third text\n`, { drift: 'correct', revision: 3 }));
    await agent.converged();
    assert.deepEqual((await machine.engine.running()).toSorted(), ['prof/web']);
    byHand();
    await until(async () => (await machine.engine.containers()).length === 1, 20_000, 'it to be taken away');
    assert.ok(agent.events().some((event) => event.type === 'stack.corrected'));
  });
});
