// Fifty deployments of stacks of every shape, good and bad ones, while agent and core are killed at random moments: each
// has one outcome, and what runs in the end is what should.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { everyPage } from '#test/harness/api.ts';
import { deploy, ended, expectStatus, onlineNode, put } from '#test/harness/fleet.ts';
import { type World, worldOf } from '#test/harness/outage.ts';
import { SHAPES, type Shape } from '#test/harness/stacks.ts';
import { until } from '#test/harness/until.ts';

const DEPLOYMENTS = 50;
/** Longer than most deployments take, so that kills fall before, into and after every step. */
const LATEST_KILL_MS = 4_000;
const STRATEGY = { strategy: { stabilitySeconds: 1, healthTimeoutSeconds: 20 } };

type Victim = 'agent' | 'core' | 'both';

interface Made {
  readonly id: string;
  readonly stack: string;
  readonly mark: string;
  readonly isGood: boolean;
}

async function struck({ system, agent }: World, victim: Victim): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, randomInt(LATEST_KILL_MS)));
  if (victim !== 'core') await agent.kill('SIGKILL');
  if (victim !== 'agent') {
    await system.killCore({ spareAgent: true });
    // Long enough that agents which live meanwhile may settle alone.
    await new Promise((resolve) => setTimeout(resolve, randomInt(3_000)));
    await system.start();
  }
  if (victim !== 'core') agent.start();
}

/** Outcomes that were told, by deployment. */
async function outcomes({ system }: World): Promise<Map<string, string[]>> {
  const events = await everyPage(system.api, '/api/events');
  const settled = events.filter(({ type }) => type === 'dev.overseer.node.stack-settled.v1');
  const byDeployment = new Map<string, string[]>();
  for (const { data } of settled) {
    byDeployment.set(data.deployment, [...(byDeployment.get(data.deployment) ?? []), data.outcome]);
  }
  return byDeployment;
}

describe('fifty deployments under kills', () => {
  let world: World;
  const made: Made[] = [];
  const shaped = SHAPES.map((shape, index) => [`shape-${index}`, shape] as const);
  const wanted = (stack: string, shape: Shape, mark: string, isGood: boolean) => {
    const { compose, files = {} } = shape(mark, isGood);
    return [world.system, stack, compose, { nodes: [world.agent.node] }, { files, ...STRATEGY }] as const;
  };
  before(async () => {
    world = await worldOf(0);
    expectStatus(await world.system.api('PUT', '/api/secrets/word', { value: 'shibboleth' }), 200, 201, 202);
    for (const [stack, shape] of shaped) await deploy(...wanted(stack, shape, 'first', true));
  });
  after(async () => {
    await world?.stop();
  });

  for (let number = 1; number <= DEPLOYMENTS; number++) {
    const victim = (['agent', 'core', 'both', 'agent'] as const)[number % 4] as Victim;
    const isGood = number % 3 !== 0;
    test(`${number}: a ${isGood ? 'good' : 'crashing'} revision, ${victim} killed`, async () => {
      const [stack, shape] = shaped[number % shaped.length] as (typeof shaped)[number];
      const mark = `kill-${number}`;
      const { deployment } = await put(...wanted(stack, shape, mark, isGood));
      await struck(world, victim);
      await onlineNode(world.system, 'far');
      const outcome = await ended(world.system, deployment, 120_000);
      assert.equal(outcome.state, isGood ? 'succeeded' : 'rolled-back', JSON.stringify(outcome.reason));
      made.push({ id: deployment, stack, mark, isGood });
    });
  }

  test('every deployment was told one outcome', async () => {
    const expected = new Map(made.map(({ id, isGood }) => [id, [isGood ? 'succeeded' : 'rolled-back']]));
    const told = await until(
      async () => {
        const found = await outcomes(world);
        return made.every(({ id }) => found.has(id)) ? found : undefined;
      },
      30_000,
      'all outcomes to arrive',
    );
    for (const [id, outcome] of expected) assert.deepEqual(told.get(id), outcome, id);
  });

  test('what runs is what should, once', async () => {
    const containers = await world.machine.engine.containers();
    const expected = shaped.flatMap(([stack, shape]) =>
      shape('', true).services.map((service) => `${stack}/${service}`),
    );
    assert.deepEqual(containers.map(({ stack, service }) => `${stack}/${service}`).sort(), expected.sort());
    for (const [stack] of shaped) {
      const last = made.findLast((each) => each.stack === stack && each.isGood);
      const runs = containers.find((container) => container.stack === stack && container.service === 'main');
      assert.ok(runs?.environment.includes(`MARK=${last?.mark}`), `${stack}: ${runs?.environment.join()}`);
      assert.equal(runs?.state, 'running');
    }
  });

  test('files and secrets are those of the last good revision, and nothing of another one is left', async () => {
    const last = made.findLast(({ stack, isGood }) => stack === 'shape-3' && isGood);
    const env = { PATH: process.env['PATH'], DOCKER_HOST: world.machine.dockerHost };
    const read = (container: string, path: string) =>
      execFileSync('docker', ['exec', container, 'cat', path], { env, encoding: 'utf8' });
    assert.equal(read('shape-3-main-1', '/conf/app.conf'), `mark=${last?.mark}\n`);
    assert.equal(read('shape-4-main-1', '/run/secrets/word'), 'shibboleth');
    assert.deepEqual(await world.machine.engine.volumes(), ['shape-2_kept']);
  });
});
