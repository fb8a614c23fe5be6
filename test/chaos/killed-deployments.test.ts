// Fifty deployments, good and bad ones, while agent and core are killed at random moments: each has one outcome, and what
// runs in the end is what should.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { everyPage } from '#test/harness/api.ts';
import { ended, onlineNode, put } from '#test/harness/fleet.ts';
import { type World, worldOf } from '#test/harness/outage.ts';
import { crashing, idle } from '#test/harness/stacks.ts';
import { until } from '#test/harness/until.ts';

const DEPLOYMENTS = 50;
const STACKS = 5;
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
  before(async () => {
    world = await worldOf(STACKS);
  });
  after(async () => {
    await world?.stop();
  });

  for (let number = 1; number <= DEPLOYMENTS; number++) {
    const victim = (['agent', 'core', 'both', 'agent'] as const)[number % 4] as Victim;
    const isGood = number % 3 !== 0;
    test(`${number}: a ${isGood ? 'good' : 'crashing'} revision, ${victim} killed`, async () => {
      const stack = world.stacks[number % STACKS] as string;
      const mark = `kill-${number}`;
      const text = isGood ? idle(mark) : crashing(mark);
      const { deployment } = await put(world.system, stack, text, { nodes: [world.agent.node] }, STRATEGY);
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
    assert.deepEqual(containers.map(({ stack }) => stack).sort(), [...world.stacks].sort());
    for (const stack of world.stacks) {
      const last = made.findLast((each) => each.stack === stack && each.isGood);
      const runs = containers.find((container) => container.stack === stack);
      assert.ok(runs?.environment.includes(`MARK=${last?.mark}`), `${stack}: ${runs?.environment.join()}`);
      assert.equal(runs?.state, 'running');
    }
  });
});
