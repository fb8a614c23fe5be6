// The two outages of a fleet, as tests tell them: the whole core dies while its node goes on, and the node's link is cut
// while the core goes on. Quick and long tests differ by their numbers alone.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { documentReads, documentsAccepted, linksMade, spoolEnds } from './agent-state.ts';
import { everyPage } from './api.ts';
import { addMachine, deploy, type EnrolledAgent, ended, expectStatus, onlineNode, put } from './fleet.ts';
import { ledger } from './ledger.ts';
import { type Machine, startMachine } from './machine.ts';
import { connectionsTo } from './sockets.ts';
import { idle } from './stacks.ts';
import { type System, startSystem } from './system.ts';
import { until } from './until.ts';

export interface World {
  readonly machine: Machine;
  readonly system: System;
  readonly agent: EnrolledAgent;
  readonly stacks: readonly string[];
  stop(): Promise<void>;
}

/** A core without an agent of its own, and one machine that runs `count` stacks of one container. */
export async function worldOf(count: number): Promise<World> {
  await using begun = new AsyncDisposableStack();
  const machine = await startMachine();
  begun.defer(() => machine.stop());
  const system = await startSystem({ dockerHost: null, open: true });
  begun.defer(() => system.stop());
  const agent = await addMachine(system, machine, { name: 'far' });
  begun.defer(() => agent.kill('SIGTERM'));
  await onlineNode(system, 'far');
  // A heartbeat a second, so that a cut link is noticed while a test can wait for it.
  const config = { heartbeatSeconds: 1 };
  expectStatus(await system.api('PUT', `/api/nodes/${agent.node}/config`, config), 200, 202);
  const stacks = Array.from({ length: count }, (_, i) => `stack-${i}`);
  for (const name of stacks) await deploy(system, name, idle('0'), { nodes: [agent.node] });
  const all = begun.move();
  return { machine, system, agent, stacks, stop: () => all.disposeAsync() };
}

/** The node has applied the newest document. */
export function settled({ system, agent }: World, deadlineMs = 60_000) {
  return until(
    async () => {
      const { body } = expectStatus(await system.api('GET', `/api/nodes/${agent.node}/status`), 200);
      return body.desired !== null && body.observedGeneration === body.desired.generation ? body : undefined;
    },
    deadlineMs,
    'the node to apply its newest document',
  );
}

/** Everything of the core is killed, the agent restarted, one container killed: only that one is started again. */
export async function coreOutage(world: World): Promise<{ backAfterMs: number }> {
  const { machine, system, agent, stacks } = world;
  const before = await machine.engine.identity();
  assert.equal(Object.keys(before).length, stacks.length);
  const victim = (await machine.engine.containers())[0];
  assert.ok(victim);
  await system.killCore({ spareAgent: false });
  await agent.kill('SIGKILL');
  await machine.engine.kill(victim.id);
  const victimRuns = async () => (await machine.engine.running()).includes(`${victim.stack}/${victim.service}`);
  await assert.rejects(until(victimRuns, 1_500, 'Docker alone to start it'), 'control: nobody else starts it again');
  agent.start();
  const begun = Date.now();
  await until(victimRuns, 10_000, 'the killed container to run again');
  const backAfterMs = Date.now() - begun;
  const others = (identity: Record<string, string>) => {
    const { [`${victim.stack}/${victim.service}`]: _, ...rest } = identity;
    return rest;
  };
  assert.deepEqual(others(await machine.engine.identity()), others(before));
  const during = await machine.engine.identity();
  await system.start();
  await onlineNode(system, 'far');
  await settled(world);
  assert.deepEqual(await machine.engine.identity(), during, 'the core came back and something was restarted');
  return { backAfterMs };
}

/** Positions of everything the node told, once nothing is owed any more. */
export async function told({ system, agent }: World): Promise<string[]> {
  const events = await everyPage(system.api, '/api/events');
  return events
    .filter(({ subject, nodesequence }) => subject === `nodes/${agent.node}` && nodesequence !== undefined)
    .map(({ nodesequence }) => nodesequence);
}

/** `unnoticed`: healed before the agent or the server gave the connection up, so that all that waited comes in a row. */
export type Cut = 'silent' | 'reset' | 'unnoticed';

/** The link is cut, `changes` revisions are made and containers killed meanwhile, the link is healed. */
export async function linkOutage(world: World, changes: number, how: Cut): Promise<void> {
  const { machine, system, agent, stacks } = world;
  await settled(world);
  const readsBefore = documentReads(agent);
  const acceptedBefore = documentsAccepted(agent);
  const linksBefore = linksMade(agent);
  // What it told may have come just before a connection that it makes anew by itself.
  const connection = await until(() => connectionsTo(agent.pid, system.natsPort)[0], 10_000, 'it to be connected');
  machine.cut(how === 'reset' ? 'reset' : 'silent');
  if (how !== 'unnoticed') {
    await until(
      () => !connectionsTo(agent.pid, system.natsPort).includes(connection),
      // Two unanswered pings of the client, in the worst case.
      90_000,
      'the agent to notice that its link is cut',
    );
  }
  const since = Date.now();
  const tag = `cut-${randomInt(1e9)}-change`;
  const deployments: string[] = [];
  for (let change = 1; change <= changes; change++) {
    const name = stacks[change % stacks.length] as string;
    const { deployment } = await put(system, name, idle(`${tag}-${change}`), { nodes: [agent.node] });
    deployments.push(deployment);
  }
  for (const { id } of (await machine.engine.containers()).slice(0, 3)) {
    await machine.engine.kill(id);
  }
  await until(
    async () => (await machine.engine.running()).length === stacks.length,
    10_000,
    'killed containers to be back',
  );
  const seen = (await machine.engine.containers()).flatMap(({ environment }) => environment);
  assert.ok(!seen.some((line) => line.includes(tag)), 'control: no change came through the cut link');
  machine.heal();
  await settled(world);
  const newest = deployments.slice(-stacks.length);
  for (const id of newest) assert.equal((await ended(system, id)).state, 'succeeded');
  for (const id of deployments.slice(0, -stacks.length)) assert.equal((await ended(system, id)).state, 'superseded');

  // Last state, and nothing between: each changed stack was created once.
  const marks = (await machine.engine.containers()).map(({ environment }) =>
    environment.find((l) => l.startsWith('MARK=')),
  );
  const last = Array.from({ length: Math.min(changes, stacks.length) }, (_, i) => `MARK=${tag}-${changes - i}`);
  for (const mark of last) assert.ok(marks.includes(mark), `${mark} is not there: ${marks.join()}`);
  const created = (await machine.engine.events(since)).filter(({ Action }) => Action === 'create');
  assert.equal(created.length, last.length, 'a container of an older revision was created');
  assert.equal(documentsAccepted(agent) - acceptedBefore, 1, 'documents that took effect after the link was healed');
  const reads = documentReads(agent) - readsBefore;
  // A new link may break again while much else runs.
  const links = linksMade(agent) - linksBefore;
  const isOneEach = reads <= Math.max(1, links) && (how === 'unnoticed' || reads >= 1);
  assert.ok(isOneEach, `${reads} documents read over ${links} links after the link was healed`);
}

/** Every fact of the spool arrived, once. */
export async function nothingLostNothingTwice(world: World): Promise<void> {
  const ends = spoolEnds(world.agent);
  assert.ok(
    [...ends.values()].some((end) => end > 0),
    'control: there were facts to tell',
  );
  const missing = async () => ledger(await told(world), ends).missing;
  await until(async () => (await missing()).length === 0, 20_000, 'all facts of the spool to arrive').catch(() => {});
  assert.deepEqual(await missing(), []);
  const positions = await told(world);
  assert.deepEqual(ledger(positions, ends).twice, []);
  assert.notDeepEqual(ledger(positions.slice(1), ends).missing, [], 'control: a lost fact is noticed');
  assert.notDeepEqual(
    ledger([...positions, positions[0] as string], ends).twice,
    [],
    'control: a second one is noticed',
  );
}
