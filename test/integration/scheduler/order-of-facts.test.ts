// What nodes tell comes on more than one way and by a clock of its own: steps, outcomes and reports in any order. The tests
// play the nodes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { followNodes } from '#services/scheduler/consumers.ts';
import type { SchedulerParts } from '#services/scheduler/handlers.ts';
import { keepNode } from '#services/scheduler/node-facts.ts';
import { specificationOf } from '#services/scheduler/specification.ts';
import { storeStack } from '#services/scheduler/stacks.ts';
import { lockDeployments } from '#services/scheduler/store/deployments.ts';
import { readEpoch } from '#services/scheduler/store/documents.ts';
import { type Em, rows } from '#services/scheduler/store/rows.ts';
import { until } from '#test/harness/until.ts';
import { COMPOSE, type Core, nodeNamed, operator, SOON_MS, startCore } from './core.ts';

const EPOCH = newId();
const ENDED = { outcome: 'succeeded', reason: null, failure: null };

/** Asked for by whoever reports: these nodes hold no document. */
function nothingDesired(node: string) {
  return { node, desired: null, observedGeneration: null, reportedAt: null, stacks: [], conditions: [] };
}

describe('what nodes tell', () => {
  let core: Core;
  let moves = 0;
  let stop: () => Promise<void>;
  let deploy: (name: string) => Promise<{ node: ReturnType<typeof nodeNamed>; deployment: string; hash: string }>;

  /** No whole scheduler: what it follows alone, so that nothing else wakes anybody. */
  before(async () => {
    core = await startCore();
    const { database, signer, nats } = core;
    const epoch = await database.transaction((em) => readEpoch(em, newId()));
    const issuer = { key: signer, epoch, vault: null, now: () => new Date(), newId };
    const bus: Bus = await nats.connect('scheduler');
    const heard = {
      compare() {},
      moved() {
        moves += 1;
      },
    };
    const following = followNodes({ bus, database, issuer } as unknown as SchedulerParts, heard);
    stop = async () => void (await Promise.all(following.map((one) => one.stop())));
    const asked = bus.serve('getNodeDesired', async ({ id }) => nothingDesired(id));
    following.push(asked);
    deploy = async (name) => {
      const node = nodeNamed(name);
      await database.transaction((em) => keepNode(em, issuer, node, new Date()));
      const specification = specificationOf({ compose: COMPOSE, targets: { nodes: [node.id] } });
      const { deployment } = await database.transaction((em) =>
        storeStack(em, issuer, name, specification, operator()),
      );
      const [found] = await database.read((em) =>
        rows<{ hash: string }>(em, 'select hash from stacks where name = ?', [name]),
      );
      assert.ok(found && deployment);
      return { node, deployment, hash: found.hash };
    };
  });
  after(async () => {
    await stop?.();
    await core?.stop();
  });

  const stateOf = async (deployment: string) => {
    const sql = 'select state from deployment_targets where deployment = ?';
    const [row] = await core.database.read((em) => rows<{ state: string }>(em, sql, [deployment]));
    return row?.state;
  };
  const reported = (node: string) =>
    core.database.read((em) => rows(em, 'select report from node_reports where node = ?', [node]));
  const becomes = (deployment: string, state: string) =>
    until(async () => ((await stateOf(deployment)) === state ? true : null), SOON_MS, state);
  const steps = async (deployment: string) => {
    const sql = 'select step from deployment_step_events where deployment = ? order by sequence';
    const found = await core.database.read((em) => rows<{ step: string }>(em, sql, [deployment]));
    return found.map(({ step }) => step);
  };

  /** As the registry tells it; the node's clock is ahead by `aheadMs`. */
  async function told(
    node: ReturnType<typeof nodeNamed>,
    deployment: string,
    sequence: number,
    body: Record<string, unknown>,
    aheadMs = 0,
  ): Promise<void> {
    const about = { stack: node.name, revision: 1, deployment };
    const fact = String(body['type']).replace('stack.', '').replace('.', '-').replace('settled', 'stack-settled');
    const given = { nodesequence: `${EPOCH}:${sequence}`, time: new Date(Date.now() + aheadMs).toISOString() };
    await core.tell(fact as 'step-started', node, { ...about, ...body }, given);
    await core.handled();
  }
  const started = (step: string) => ({ type: 'stack.step.started', step, why: 'it is new' });

  test('a report that changes nothing moves no rollout, one that ends something does', async () => {
    const { node, deployment, hash } = await deploy('busy');
    const before = moves;
    for (let generation = 0; generation < 3; generation += 1) {
      await core.report(node, generation, [{ name: node.name, phase: 'applying', reason: `${generation}` }]);
    }
    await until(
      async () => JSON.stringify(await reported(node.id)).includes('"reason":"2"'),
      SOON_MS,
      'the last report',
    );
    await told(node, deployment, 1, started('up'));
    assert.equal(moves, before, 'nobody waits for any of this');
    await core.report(node, 9, [{ name: node.name, hash, phase: 'running' }]);
    await becomes(deployment, 'succeeded');
    await until(async () => moves === before + 1, SOON_MS, 'it to be told');
    await told(node, deployment, 2, { type: 'stack.settled', ...ENDED });
    assert.equal(moves, before + 1, 'the outcome was known');
    await core.tell('suspect', node, {});
    await core.handled();
    await until(async () => moves === before + 2, SOON_MS, 'its liveness to be told');
  });

  test('a clock that is ahead loses no step when the report is there first; what came after the outcome is left out', async () => {
    const { node, deployment, hash } = await deploy('ahead');
    await told(node, deployment, 11, started('pull'), 5_000);
    await core.report(node, 9, [{ name: node.name, hash, phase: 'running' }]);
    await becomes(deployment, 'succeeded');
    await told(node, deployment, 12, started('up'), 5_000);
    await told(node, deployment, 14, { type: 'stack.settled', ...ENDED }, 5_000);
    await told(node, deployment, 15, started('repair'), -60_000);
    await told(node, deployment, 13, started('overtaken'), 5_000);
    assert.deepEqual(await steps(deployment), ['pull', 'up', 'overtaken']);
  });

  test('a step that begins takes its locks in the order of everybody else: the deployment, then its target', async () => {
    const { node, deployment } = await deploy('locked');
    const isWaiting = async (em: Em) =>
      (await rows(em, `select 1 from pg_locks where not granted and pid <> pg_backend_pid()`)).length > 0;
    await core.database.transaction(async (em) => {
      await lockDeployments(em, [deployment]);
      const telling = core.tell('step-started', node, {
        ...{ stack: node.name, revision: 1, deployment },
        ...started('up'),
      });
      await until(() => isWaiting(em), SOON_MS, 'the step to wait for us');
      // Held by whoever waits for us, it would be the other half of a deadlock.
      await rows(em, 'select 1 from deployment_targets where deployment = ? for update nowait', [deployment]);
      await telling;
    });
    await core.handled();
    assert.equal(await stateOf(deployment), 'progressing');
  });
});
