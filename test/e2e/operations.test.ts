// What operators do with a stack once it runs, on the whole product: plan, a bad update that undoes itself, going back by
// hand, hand-made changes, actions, and taking over what ran before.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { deploy, ended, expectStatus, onlineNode, put } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { crashing, hello, idle } from '#test/harness/stacks.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

const STRATEGY = { strategy: { stabilitySeconds: 1, healthTimeoutSeconds: 30 } };
/** What an operator may wait until a hand-made change shows. */
const DRIFT_MS = 10_000;

interface Change {
  readonly service: string;
  readonly change: string;
}

describe('operating a stack', () => {
  let machine: Machine;
  let system: System;
  let node: string;
  before(async () => {
    machine = await startMachine();
    system = await startSystem({ dockerHost: machine.dockerHost });
    node = (await onlineNode(system)).id;
    await deploy(system, 'web', hello('one'), { nodes: [node] }, STRATEGY);
    await deploy(system, 'bystander', idle('calm'), { nodes: [node] }, STRATEGY);
  });
  after(async () => {
    await system?.stop();
    await machine?.stop();
  });

  const docker = (...args: string[]) =>
    execFileSync('docker', args, {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], DOCKER_HOST: machine.dockerHost },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const spec = (compose: string) => ({ compose, targets: { nodes: [node] }, ...STRATEGY });
  const drift = async () => {
    const { body } = expectStatus(await system.api('GET', '/api/stacks/web'), 200);
    return body.nodes[0].drift as { kind: string; service: string }[];
  };
  /** Ids of its containers by service. */
  const idsOf = async (stack: string) => {
    const own = (await machine.engine.containers()).filter((container) => container.stack === stack);
    return Object.fromEntries(own.map(({ service, id }) => [service, id]));
  };

  test('a plan says what a deployment then does, and does nothing', async () => {
    const before = await machine.engine.identity();
    const { body: plan } = expectStatus(await system.api('POST', '/api/stacks/web/plan', spec(hello('two'))), 200);
    const [planned] = plan.nodes;
    assert.equal(planned.state, 'planned', JSON.stringify(plan));
    const changes = Object.fromEntries(planned.changes.map(({ service, change }: Change) => [service, change]));
    assert.deepEqual(changes, { web: 'keep', caller: 'recreate' });
    assert.deepEqual(await machine.engine.identity(), before);
    assert.equal((await system.api('GET', '/api/stacks/web')).body.revision, 1);
    await deploy(system, 'web', hello('two'), { nodes: [node] }, STRATEGY);
    const now = await machine.engine.identity();
    assert.deepEqual(
      Object.keys(now).filter((key) => now[key] !== before[key]),
      ['web/caller'],
    );
    const { body: again } = expectStatus(await system.api('POST', '/api/stacks/web/plan'), 200);
    assert.deepEqual(again.nodes[0].steps, [], 'nothing is left to do');
  });

  test('a bad update undoes itself, and says why', async () => {
    const calm = await idsOf('bystander');
    const bad = hello('three').replace(
      '["sleep", "100000"]',
      '["sh", "-c", "echo no way; exit 4"]\n    restart: always',
    );
    const { deployment } = await put(system, 'web', bad, { nodes: [node] }, STRATEGY);
    const outcome = await ended(system, deployment, 90_000);
    assert.equal(outcome.state, 'rolled-back', JSON.stringify(outcome));
    const [target] = outcome.targets;
    assert.match(target.reason, /web-caller-1.*(crash|exit)/);
    assert.deepEqual([target.failure.service, target.failure.exitCode], ['caller', 4]);
    assert.ok(target.failure.lines.some((line: string) => line.includes('no way')));
    const caller = (await machine.engine.containers()).find(({ service }) => service === 'caller');
    assert.ok(caller?.state === 'running' && caller.environment.includes('MARK=two'));
    assert.deepEqual(await idsOf('bystander'), calm);
  });

  test('an earlier revision comes back by hand as a new one', async () => {
    const { body } = expectStatus(await system.api('POST', '/api/stacks/web/rollback', { revision: 1 }), 202);
    assert.equal(body.revision, 4);
    assert.equal((await ended(system, body.deployment)).state, 'succeeded');
    const caller = (await machine.engine.containers()).find(({ service }) => service === 'caller');
    assert.ok(caller?.environment.includes('MARK=one'));
  });

  test('what is changed by hand shows within ten seconds, and is left alone when only reports are wanted', async () => {
    const { compose } = (await system.api('GET', '/api/stacks/web')).body;
    await deploy(system, 'web', compose, { nodes: [node] }, { ...STRATEGY, drift: 'report' });
    const { caller } = await idsOf('web');
    docker('rm', '-f', caller as string);
    const items = await until(
      async () => {
        const found = await drift();
        return found.length > 0 ? found : undefined;
      },
      DRIFT_MS,
      'drift to show',
    );
    assert.deepEqual(
      items.map(({ kind, service }) => [kind, service]),
      [['removed', 'caller']],
    );
    assert.equal((await idsOf('web'))['caller'], undefined, 'nothing puts it right');
    await deploy(system, 'web', compose, { nodes: [node] }, { ...STRATEGY, drift: 'correct' });
    await until(async () => (await idsOf('web'))['caller'] !== undefined, DRIFT_MS, 'it to be put right');
    await until(async () => (await drift()).length === 0, DRIFT_MS, 'drift to end');
  });

  test('restart, scale, stop and start', async () => {
    const act = async (action: string, body?: object) => {
      const answer = expectStatus(await system.api('POST', `/api/stacks/web/actions/${action}`, body), 202);
      const outcome = await ended(system, answer.body.deployment);
      assert.equal(outcome.state, 'succeeded', JSON.stringify(outcome));
    };
    const before = await machine.engine.identity();
    await act('restart', { services: ['caller'] });
    const now = await machine.engine.identity();
    assert.notEqual(now['web/caller'], before['web/caller']);
    assert.equal(now['web/web'], before['web/web']);
    await act('scale', { services: ['caller'], replicas: 3 });
    const callers = async () => (await machine.engine.running()).filter((name) => name === 'web/caller').length;
    assert.equal(await callers(), 3);
    await act('stop', { nodes: [node] });
    assert.equal(await callers(), 0);
    await act('start', { nodes: [node] });
    assert.equal(await callers(), 3);
  });

  test('a project that ran before is taken over as it is', async () => {
    const home = `${machine.folder}/legacy`;
    mkdirSync(home);
    writeFileSync(
      `${home}/compose.yaml`,
      `${idle('old').replace('MARK: "old"', `MARK: "\${MARK}"\n    volumes: ["./state:/state"]`)}`,
    );
    writeFileSync(`${home}/.env`, '# theirs\nMARK=old\n');
    docker('compose', '--project-directory', home, 'up', '-d');
    const before = await machine.engine.identity();
    const project = await until(
      async () => {
        const { body } = expectStatus(await system.api('GET', `/api/nodes/${node}/projects`), 200);
        return body.items.find(({ name }: { name: string }) => name === 'legacy');
      },
      10_000,
      'the project to be listed',
    );
    assert.equal(project.obstacle, null, JSON.stringify(project));
    const { body } = expectStatus(await system.api('POST', `/api/nodes/${node}/projects/legacy/adopt`), 200, 202);
    assert.equal((await ended(system, body.deployment)).state, 'succeeded');
    assert.deepEqual(await machine.engine.identity(), before);
    const { body: stack } = expectStatus(await system.api('GET', '/api/stacks/legacy'), 200);
    assert.deepEqual(stack.spec.env, { MARK: 'old' });
  });

  test('deployments are told live, line by line, to the end', async () => {
    const { deployment } = await put(system, 'loop', hello('live'), { nodes: [node] }, STRATEGY);
    const answer = await fetch(`${system.url}/api/deployments/${deployment}`, {
      headers: { authorization: `Bearer ${system.token}`, accept: 'text/event-stream' },
      signal: AbortSignal.timeout(30_000),
    });
    let text = '';
    let amid: string | null = null;
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (amid !== null || !text.includes('Container loop-web-1')) continue;
      amid = expectStatus(await system.api('GET', `/api/deployments/${deployment}`), 200).body.state;
    }
    const kinds = [...text.matchAll(/^event: (.*)$/gm)].map(([, kind]) => kind);
    assert.deepEqual([kinds[0], kinds.at(-1)], ['deployment', 'end']);
    assert.equal(amid, 'progressing', 'its output was there before it had ended');
    assert.match(text, /Container loop-caller-1/);
    const { body } = expectStatus(await system.api('GET', `/api/deployments/${deployment}`), 200);
    assert.match(JSON.stringify(body.targets[0].steps), /Container loop-caller-1/, 'and is kept with it');
  });

  test('what fails with nothing to go back to is failed', async () => {
    const { deployment } = await put(system, 'doomed', crashing('x'), { nodes: [node] }, STRATEGY);
    assert.equal((await ended(system, deployment, 60_000)).state, 'failed');
  });
});
