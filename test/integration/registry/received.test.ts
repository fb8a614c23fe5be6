// What nodes tell: heartbeats become liveness, events become facts once each, losses are told.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import type { BodyOf, Bus } from '#infra/nats/bus.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { NodeEventBody } from '#subjects/schema/node-event.ts';
import { until } from '#test/harness/until.ts';
import { type EnrolledNode, facts, heartbeatOf, type RegistryCore, SOON_MS, startRegistryCore } from './core.ts';

let core: RegistryCore;
before(async () => {
  core = await startRegistryCore();
});
after(() => core?.stop());

const factsOf = async (node: string) =>
  (await core.stored('EVENTS'))
    .filter(({ parameters }) => parameters['node'] === node)
    .map(({ parameters, body }) => ({ fact: parameters['fact'], event: body as CloudEvent }));
const namesOf = async (node: string) => (await factsOf(node)).map(({ fact }) => fact);
const livenessOf = async (id: string) => (await core.gateway.request('getNode', {}, { id })).liveness;

const eventOf = (body: NodeEventBody) =>
  ({ kind: 'event', at: new Date().toISOString(), bootId: 'b'.repeat(26), body }) as const;
const output = (line: string): NodeEventBody => ({
  ...{ type: 'stack.step.output', stack: 'web', revision: 1, deployment: null, step: 'up web', lines: [line] },
});

async function online(hostname: string): Promise<{ node: EnrolledNode; bus: Bus }> {
  const node = await core.enroll(hostname);
  const bus = await core.connect(node);
  bus.tell('heartbeat', { node: node.id }, heartbeatOf(0));
  await until(async () => (await livenessOf(node.id)) === 'online', SOON_MS, 'online');
  return { node, bus };
}

test('a heartbeat makes a node online; silence makes it suspect, then offline; each change is told once', async () => {
  const { node, bus } = await online('beating');
  const shown = await core.gateway.request('getNode', {}, { id: node.id });
  assert.equal(shown.agentVersion, '1.0.0');
  assert.ok(Math.abs(shown.clockOffsetMs ?? 99_999) < 5_000);
  await until(async () => (await livenessOf(node.id)) === 'suspect', SOON_MS, 'suspect');
  await until(async () => (await livenessOf(node.id)) === 'offline', SOON_MS, 'offline');
  bus.tell('heartbeat', { node: node.id }, heartbeatOf(1));
  const wanted = ['registered', 'online', 'suspect', 'offline', 'online'];
  await until(async () => (await namesOf(node.id)).length >= wanted.length, SOON_MS, 'all changes');
  assert.deepEqual((await namesOf(node.id)).slice(0, wanted.length), wanted);
  await bus.close();
});

test('a restart of the registry makes nobody offline', async () => {
  const { node, bus } = await online('surviving');
  await until(async () => (await namesOf(node.id)).includes('online'), SOON_MS, 'stored');
  await core.startRegistry();
  assert.equal(await livenessOf(node.id), 'online');
  await bus.close();
});

test('a clock that is off is seen', async () => {
  const { node, bus } = await online('ahead');
  const at = new Date(Date.now() + 3_600_000).toISOString();
  bus.tell('heartbeat', { node: node.id }, heartbeatOf(5, { at }));
  const seen = await until(
    async () => {
      const { clockOffsetMs } = await core.gateway.request('getNode', {}, { id: node.id });
      return clockOffsetMs && clockOffsetMs > 3_000_000 ? clockOffsetMs : null;
    },
    SOON_MS,
    'the offset',
  );
  assert.ok(Math.abs(seen - 3_600_000) < 10_000);
  await bus.close();
});

test('an event sent again is one fact, in the order of the spool', async () => {
  const node = await core.enroll('telling');
  const bus = await core.connect(node);
  const epoch = newId();
  for (const sequence of [1, 2, 2, 1, 3, 3]) {
    await bus.emit('nodeEvent', { node: node.id }, eventOf(output(String(sequence))), {
      position: { epoch, sequence },
    });
  }
  const last = `${epoch}:3`;
  await until(async () => (await factsOf(node.id)).some(({ event }) => event.nodesequence === last), SOON_MS, 'facts');
  const told = (await factsOf(node.id)).filter(({ fact }) => fact === 'step-output');
  assert.deepEqual(
    told.map(({ event }) => event.nodesequence),
    [`${epoch}:1`, `${epoch}:2`, last],
  );
  await bus.close();
});

test('an event without a place in a spool is set aside', async () => {
  const node = await core.enroll('placeless');
  const bus = await core.connect(node);
  await bus.emit('nodeEvent', { node: node.id }, eventOf(output('x')));
  const rows = () =>
    core.database.read((em) =>
      em.execute(`select reason from dead_letter where service = 'registry' and subject like ?`, [`%${node.id}%`]),
    );
  await until(async () => (await rows()).length === 1, SOON_MS, 'the dead letter');
  await bus.close();
});

test('events that never arrive are told as lost, those that come late are not', async () => {
  const node = await core.enroll('losing');
  const bus = await core.connect(node);
  const epoch = newId();
  const send = (sequence: number, body = output('x')) =>
    bus.emit('nodeEvent', { node: node.id }, eventOf(body), { position: { epoch, sequence } });
  // 4 and 5 are lost, 7 comes late, 9 is what the node says it dropped itself.
  for (const sequence of [1, 2, 3, 6, 8, 7, 10]) await send(sequence);
  await send(11, { type: 'events.lost', from: 9, to: 9, reason: 'spool full' });
  await until(
    async () => (await factsOf(node.id)).some(({ event }) => event.nodesequence === `${epoch}:11`),
    SOON_MS,
    'the last event',
  );
  await core.startRegistry({ now: () => new Date(Date.now() + 600_000) });
  const lost = await until(
    async () =>
      (await factsOf(node.id)).find(({ event }) => event.source === 'registry' && event.type.includes('lost')),
    SOON_MS,
    'the loss',
  );
  const { from, to } = lost.event.data;
  assert.deepEqual({ from, to }, { from: 4, to: 5 });
  const all = (await factsOf(node.id)).filter(({ fact }) => fact === 'events-lost');
  assert.equal(all.length, 2, 'ours and the one that the node told');
  await core.startRegistry();
  await bus.close();
});

test('a report keeps what describes the node', async () => {
  const node = await core.enroll('reporting');
  const bus = await core.connect(node);
  const report: BodyOf<'nodeReport'> = {
    ...{ kind: 'report', bootId: newId(), agentVersion: '2.0.0', at: new Date().toISOString(), document: null },
    ...{ observedGeneration: 12, stacks: [], unmanaged: [], conditions: [], facts: { ...facts, dockerVersion: '29' } },
  };
  await bus.emit('nodeReport', { node: node.id }, report);
  const shown = await until(
    async () => {
      const found = await core.gateway.request('getNode', {}, { id: node.id });
      return found.agentVersion === '2.0.0' ? found : null;
    },
    SOON_MS,
    'the report',
  );
  assert.equal(shown.observedGeneration, 12);
  assert.equal(shown.facts?.dockerVersion, '29');
  await until(async () => (await namesOf(node.id)).includes('updated'), SOON_MS, 'the fact');
  await bus.close();
});
