// A node that sends rubbish: counted, logged once, dropped; it harms neither the core nor other nodes nor its own later
// messages.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { NatsConnection } from '@nats-io/transport-node';
import { contract } from '#subjects/contract.ts';
import { subjectOf } from '#subjects/subject.ts';
import { type Enrolled, enrollByHand } from '#test/harness/applicant.ts';
import { connectRaw, headersOf } from '#test/harness/raw-bus.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

const RUBBISH: readonly (string | Uint8Array)[] = [
  '',
  'not json',
  '[]',
  'null',
  '{"kind":"heartbeat"}',
  '{"kind":"event","__proto__":{"at":1}}',
  `{"kind":"heartbeat","bootId":"${'a'.repeat(60_000)}"}`,
  '['.repeat(20_000),
  new Uint8Array([0xff, 0xfe, 0x00, 0xc3, 0x28]),
  gzipSync('x'.repeat(1_000_000)),
];

describe('messages that do not match their schema', () => {
  let system: System;
  let enrolled: Enrolled;
  let bus: NatsConnection;
  before(async () => {
    system = await startSystem({ dockerHost: null });
    enrolled = await enrollByHand(system);
    bus = await connectRaw(enrolled);
  });
  after(async () => {
    await bus?.close();
    await system?.stop();
  });

  /** Sum over all services of what was dropped of one message. */
  async function dropped(message: string): Promise<number> {
    const { status, body } = await system.api('GET', '/metrics', undefined, { token: null });
    assert.equal(status, 200);
    const line = new RegExp(`^overseer_bus_rejected_messages_total\\{message="${message}"\\} (\\d+)`, 'm').exec(body);
    return Number(line?.[1] ?? 0);
  }

  /** Reasons told for one message, each as often as it was told. */
  const complaints = (message: string) =>
    system
      .output()
      .split('\n')
      .filter((line) => line.includes(`"message":"${message}"`) && line.includes('does not match its schema'))
      .map((line) => JSON.parse(line).reason as string);

  test('heartbeats: counted, logged once, dropped', async () => {
    const subject = subjectOf(contract.heartbeat.subject, { node: enrolled.node });
    for (const payload of RUBBISH) bus.publish(subject, payload);
    await bus.flush();
    await until(async () => (await dropped('heartbeat')) === RUBBISH.length, 10_000, 'all rubbish to be counted');
    const told = complaints('heartbeat');
    assert.ok(told.length > 0);
    assert.equal(new Set(told).size, told.length, `told twice: ${told.join()}`);
    const { body } = await system.api('GET', `/api/nodes/${enrolled.node}`);
    assert.notEqual(body.liveness, 'online');
  });

  test('events: counted, dropped, and those after them come through', async () => {
    const subject = subjectOf(contract.nodeEvent.subject, { node: enrolled.node });
    for (const payload of RUBBISH) await bus.request(subject, payload, { timeout: 5_000 });
    await until(async () => (await dropped('nodeEvent')) >= RUBBISH.length, 10_000, 'all rubbish to be counted');
    const epoch = 'e'.repeat(26);
    const event = {
      kind: 'event',
      at: new Date().toISOString(),
      bootId: 'b'.repeat(26),
      body: { type: 'agent.started', version: 'after the rubbish' },
    };
    const headers = headersOf({ 'Overseer-Epoch': epoch, 'Overseer-Seq': '1' });
    await bus.request(subject, JSON.stringify(event), { timeout: 5_000, headers });
    await until(
      async () => JSON.stringify((await system.api('GET', '/api/events')).body).includes('after the rubbish'),
      10_000,
      'a good event after the bad ones',
    );
  });

  test('reports and requests: the answer to a bad request is an error, and the core goes on', async () => {
    const report = subjectOf(contract.nodeReport.subject, { node: enrolled.node });
    for (const payload of RUBBISH) await bus.request(report, payload, { timeout: 5_000 });
    const hello = subjectOf(contract.hello.subject, { node: enrolled.node });
    for (const payload of RUBBISH) {
      const answer = await bus.request(hello, payload, { timeout: 5_000 });
      assert.equal(
        answer.headers?.get('Overseer-Error') || answer.headers?.get('Nats-Service-Error-Code') ? 'error' : 'ok',
        'error',
      );
    }
    // Of reports the stream keeps the newest alone, so not every one has to be seen.
    await until(async () => (await dropped('nodeReport')) > 0, 10_000, 'rubbish to be counted');
    assert.equal((await system.api('GET', '/readyz', undefined, { token: null })).status, 200);
    assert.equal(system.output().match(/"level":60/g), null, 'something died of it');
  });

  test('a good heartbeat makes the node online: nothing was shut for it', async () => {
    const heartbeat = {
      kind: 'heartbeat',
      bootId: 'b'.repeat(26),
      sequence: 1,
      agentVersion: '0.0.0',
      intervalSeconds: 10,
      at: new Date().toISOString(),
      observedGeneration: 0,
      documentHash: null,
    };
    bus.publish(subjectOf(contract.heartbeat.subject, { node: enrolled.node }), JSON.stringify(heartbeat));
    await until(
      async () => (await system.api('GET', `/api/nodes/${enrolled.node}`)).body.liveness === 'online',
      10_000,
      'the node to be online',
    );
  });
});
