// Restart, pull and prune on a real engine: told like a deployment, with one outcome, and never beside the stack's own
// changes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { openEngine } from '#agent/docker.ts';
import { engineTools } from '#agent/engine-tools.ts';
import { startImageUpkeep } from '#agent/image-upkeep.ts';
import { recorder } from '#agent/outbox/recorder.ts';
import { type StackActions, startActions } from '#agent/stacks/actions.ts';
import { openCompose } from '#agent/stacks/compose.ts';
import { dockerRuntime } from '#agent/stacks/docker-runtime.ts';
import { stackFolders } from '#agent/stacks/folder.ts';
import type { StackRuntime } from '#agent/stacks/runtime.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { OverseerError } from '#subjects/errors.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import type { NodeEventBody } from '#subjects/schema/node-event.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { idle } from '#test/harness/stacks.ts';
import { until } from '#test/harness/until.ts';
import { type Reconciler, startReconciler, wanted } from './reconciler.ts';

let machine: Machine;
let agent: Reconciler;
let document: DesiredDocument | null = null;
const log = createLogger('agent', 'silent');

function docker(...args: string[]): string {
  const env = { PATH: process.env['PATH'], DOCKER_HOST: machine.dockerHost };
  return execFileSync('docker', args, { env, encoding: 'utf8' }).trim();
}

function toolsOf() {
  const engine = openEngine(machine.dockerHost);
  const parts = { engine, compose: openCompose(machine.dockerHost), folders: stackFolders(`${agent.data}/stacks`) };
  return { tools: engineTools({ ...parts, now: Date.now }), runtime: dockerRuntime(parts), engine };
}

function open(instead: Partial<StackRuntime> = {}): StackActions {
  const { tools, runtime: real } = toolsOf();
  const runtime = { ...real, ...instead };
  const { spool } = agent.store;
  return startActions({
    ...{ loop: agent.loop, runtime, store: agent.store, log, now: Date.now, restart: tools.restart },
    recorder: recorder({ spool, bootId: newId(), now: Date.now, onRecorded() {} }),
    document: () => document,
  });
}

function want(...stacks: ReturnType<typeof wanted>[]): void {
  document = agent.want(stacks);
}

const about = (deployment: string) =>
  agent.events().filter((event) => 'deployment' in event && event.deployment === deployment);
type Settled = Extract<NodeEventBody, { type: 'stack.settled' }>;
const settled = (deployment: string) =>
  until(() => about(deployment).find((event): event is Settled => event.type === 'stack.settled'), 60_000, 'outcome');
const restart = (stack: string, services: string[] = []) => {
  return { kind: 'restart' as const, stack, services, deployment: newId() };
};

const two = `services:
  web:
    image: ${TEST_IMAGE}
    init: true
    command: ["sleep", "100000"]
  job:
    image: ${TEST_IMAGE}
    command: ["true"]
`;

suite('actions on a real engine', { timeout: 300_000 }, () => {
  before(async () => {
    machine = await startMachine();
  });
  after(() => machine.stop());
  beforeEach(() => {
    agent = startReconciler(machine.dockerHost);
  });
  afterEach(async () => {
    const names = document?.stacks.map(({ name }) => name) ?? [];
    agent.want(
      [],
      names.map((name) => ({ name, deployment: newId(), generation: 0, volumes: true })),
    );
    await agent.converged();
    await agent.stop();
    assert.deepEqual(await machine.engine.containers(), []);
  });

  test('a restart is told step by step, waits for health and leaves everything else alone', async () => {
    want(wanted('a', two), wanted('b', idle('1')));
    await agent.converged();
    const before = await machine.engine.containers();
    const actions = open();
    const action = restart('a');
    actions.act(action);
    const outcome = await settled(action.deployment);
    assert.equal(outcome.outcome, 'succeeded', outcome.reason ?? '');
    assert.deepEqual(
      [...new Set(about(action.deployment).map(({ type }) => type))],
      ['stack.step.started', 'stack.step.output', 'stack.step.finished', 'stack.settled'],
    );
    const now = await machine.engine.containers();
    const changed = now.filter(({ id, startedAt }) => before.find((c) => c.id === id)?.startedAt !== startedAt);
    assert.deepEqual(
      changed.map(({ stack, service }) => `${stack}/${service}`),
      ['a/web'],
      'a job that ended is not run again, another stack not touched',
    );
    assert.deepEqual(
      now.map(({ id }) => id),
      before.map(({ id }) => id),
    );
    assert.deepEqual(agent.store.openActions(), []);
    assert.equal(agent.events().filter(({ type }) => type === 'stack.drifted').length, 0, 'no drift is seen in it');
    assert.deepEqual(agent.steps.toSorted(), ['up a', 'up b'], 'the reconciler did nothing about it');
    await actions.stop();
  });

  test('a restart after which it does not run fails with the reason', async () => {
    const text = `services:
  web:
    image: ${TEST_IMAGE}
    restart: "no"
    command: ["sh", "-c", "if [ -e /tmp/was ]; then echo broken; exit 7; fi; touch /tmp/was; sleep 100000"]
`;
    want(wanted('a', text, { drift: 'report' }));
    await agent.converged();
    const actions = open();
    const action = restart('a');
    actions.act(action);
    const outcome = await settled(action.deployment);
    assert.equal(outcome.outcome, 'failed');
    assert.match(outcome.reason ?? '', /code 7|again and again|just restarted/);
    await actions.stop();
  });

  test('it waits for the change that is under way, and a change waits for it', async () => {
    const slow = two.replace('init: true', 'init: false\n    stop_grace_period: 3s');
    want(wanted('a', slow));
    await agent.converged();
    const actions = open();
    const action = restart('a', ['web']);
    actions.act(action);
    await until(() => about(action.deployment).length > 0, 10_000, 'the restart to begin');
    want(wanted('a', `${slow}    labels: {x: "1"}\n`, { revision: 2 }));
    await settled(action.deployment);
    await agent.converged();
    const spans = agent.events().flatMap((event) => {
      if (event.type === 'stack.step.started') return [`begin ${event.step}`];
      return event.type === 'stack.step.finished' ? [`end ${event.step}`] : [];
    });
    for (let at = 0; at < spans.length; at += 2) assert.equal(spans[at]?.slice(6), spans[at + 1]?.slice(4), `${spans}`);
    await actions.stop();
  });

  test('one that was under way when the agent died gets one outcome at the next start', async () => {
    want(wanted('a', two));
    await agent.converged();
    const deployment = newId();
    agent.store.beginAction({ deployment, stack: 'a', revision: 1 });
    await agent.restart();
    const actions = open();
    await actions.stop();
    await open().stop();
    const outcomes = about(deployment);
    assert.equal(outcomes.length, 1);
    assert.deepEqual(
      outcomes.map((event) => event.type === 'stack.settled' && [event.outcome, event.reason]),
      [['failed', 'the agent was restarted before it was done']],
    );
  });

  test('a pull that can not be done says why; nothing is restarted', async () => {
    want(wanted('a', two.replaceAll(TEST_IMAGE, TEST_IMAGE)));
    await agent.converged();
    const before = await machine.engine.identity();
    const actions = open();
    const action = { kind: 'pull' as const, stack: 'a', services: ['web'], deployment: newId() };
    actions.act(action);
    const outcome = await settled(action.deployment);
    assert.equal(outcome.outcome, 'failed');
    assert.ok((outcome.reason ?? '').length > 10);
    assert.deepEqual(await machine.engine.identity(), before);
    await actions.stop();
  });

  test('a pull that brings newer images recreates nothing, in no stack that names them; a tag moved by hand is drift', async () => {
    const image = 'overseer-test/moving:1';
    const make = (label: string) => {
      const id = docker('create', TEST_IMAGE, 'true');
      docker('commit', '--change', `LABEL x=${label}`, id, image);
      docker('rm', id);
      return docker('image', 'inspect', '--format', '{{.Id}}', image);
    };
    make('old');
    want(...['a', 'b'].map((name) => wanted(name, idle(name).replace(TEST_IMAGE, image))));
    await agent.converged();
    const before = await machine.engine.identity();
    // As a registry would hand it out, which is not at hand here: the tag names another image while it is fetched.
    const fetched = async () => {
      make('new');
      await until(() => agent.loop.observed(), 5_000, 'a look amid it');
      return { ok: true, exitCode: 0, reason: null, permanent: false };
    };
    const actions = open({ execute: fetched });
    const action = { kind: 'pull' as const, stack: 'a', services: [], deployment: newId() };
    actions.act(action);
    const outcome = await settled(action.deployment);
    assert.deepEqual([outcome.outcome, /newer images arrived: idle/.test(outcome.reason ?? '')], ['succeeded', true]);
    await agent.restart();
    await agent.converged();
    const drifted = () => agent.events().filter(({ type }) => type === 'stack.drifted').length;
    assert.equal(drifted(), 0);
    assert.deepEqual(await machine.engine.identity(), before);
    make('handmade');
    await until(() => drifted() === 2, 15_000, 'both stacks to drift, as the control');
    await until(async () => (await machine.engine.identity())['b/idle'] !== before['b/idle'], 15_000, 'it put right');
    await actions.stop();
    docker('tag', TEST_IMAGE, image);
  });

  test('what can not be done now is refused with the reason', async () => {
    document = null;
    const actions = open();
    const code = (wantedCode: string) => (error: OverseerError) => error.code === wantedCode;
    assert.throws(() => actions.act(restart('nothing')), code('stack-not-found'));
    document = agent.want([wanted('a', two)], [], { paused: true });
    assert.throws(() => actions.act(restart('a')), /paused/);
    document = agent.want([wanted('a', two, { state: 'stopped' })]);
    assert.throws(() => actions.act(restart('a')), /stopped/);
    assert.deepEqual(agent.store.openActions(), []);
    await agent.converged();
    await actions.stop();
  });

  test('only images that nothing needs are pruned', async () => {
    docker('image', 'prune', '--force');
    const make = (tag: string, label: string) => {
      const id = docker('create', TEST_IMAGE, 'true');
      const image = docker('commit', '--change', `LABEL x=${label}`, id, ...(tag === '' ? [] : [tag]));
      docker('rm', id);
      return image;
    };
    const dangling = make('', 'dangling');
    const unused = make('overseer-test/unused:1', 'unused');
    const kept = make('overseer-test/kept:1', 'kept');
    const used = make('overseer-test/used:1', 'used');
    docker('create', '--name', 'holder', 'overseer-test/used:1', 'true');
    const { engine } = toolsOf();
    const told: NodeEventBody[] = [];
    const have = async (ids: string[]) => Promise.all(ids.map(async (id) => (await engine.imageId(id)) !== null));
    let now = Date.now();
    const upkeep = startImageUpkeep({
      ...{ node: 'n', engine, log, recorder: { record: (body) => void told.push(body) }, now: () => now },
      kept: () => new Set([TEST_IMAGE, 'overseer-test/kept:1']),
      config: () => null,
    });
    const all = [dangling, unused, kept, used];
    upkeep.prune('unused');
    await until(() => told.length === 1, 20_000, 'the first prune');
    assert.deepEqual(await have(all), [true, true, true, true], 'none younger than an hour');
    now += 2 * 3600_000;
    upkeep.prune('dangling');
    await until(() => told.length === 2, 20_000, 'the second prune');
    assert.deepEqual(await have(all), [false, true, true, true]);
    upkeep.prune('unused');
    await until(() => told.length === 3, 20_000, 'the third prune');
    assert.deepEqual(await have(all), [false, false, true, true]);
    assert.deepEqual(
      told.map((event) => event.type === 'images.pruned' && [event.count, event.reason]),
      [
        [0, null],
        [1, null],
        [1, null],
      ],
    );
    assert.ok((await engine.imageId(TEST_IMAGE)) !== null);
    await upkeep.stop();
    docker('rm', 'holder');
    docker('rmi', 'overseer-test/used:1', 'overseer-test/kept:1');
  });
});
