// A deployment followed over a real bus: every line once and in order, whatever breaks meanwhile, and an end.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { type DeploymentEvent, deploymentEvents } from '#clients/sdk/deployment-events.ts';
import { newHealth } from '#infra/health.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { accessOf } from '#services/gateway/access/tokens.ts';
import { buildApp } from '#services/gateway/app.ts';
import { endAllEventStreams } from '#services/gateway/live/sse.ts';
import { type LiveStream, openLiveStream } from '#services/gateway/live/stream.ts';
import type { App } from '#services/gateway/parts.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';
import { type Rollout, startRollout } from './rollout.ts';

const TOKEN = randomBytes(24).toString('hex');
const LISTENS = { host: '127.0.0.1', port: 0 };

describe('a deployment followed live', () => {
  let server: TestBus;
  let registry: Bus;
  let scheduler: Bus;
  let gateway: Bus;
  let app: App;
  let events: LiveStream;
  let url: string;
  let root: string;
  const sockets = new Set<Socket>();

  async function openGateway(port: number): Promise<void> {
    events = openLiveStream(gateway, 'EVENTS');
    app = await buildApp({
      ...{ bus: gateway, events, consoleRoot: root, health: newHealth(), version: '0' },
      log: createLogger('gateway', process.env['TEST_LOG'] ?? 'silent'),
      access: accessOf(TOKEN, Buffer.alloc(32, 7)),
      addresses: { http: { host: '127.0.0.1', port: 7700 }, nats: { port: 4222 }, advertise: null },
      ca: () => '',
      metrics: async () => '',
    });
    app.server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await gateway.flush();
    url = await app.listen({ ...LISTENS, port });
  }
  async function closeGateway(): Promise<void> {
    endAllEventStreams();
    app.server.closeAllConnections();
    await app.close();
    await events.stop();
  }

  before(async () => {
    server = await startTestBus();
    registry = await server.connect('registry');
    scheduler = await server.connect('scheduler');
    gateway = await server.connect('gateway');
    root = mkdtempSync(join(tmpdir(), 'overseer-live-'));
    await openGateway(0);
  });
  after(async () => {
    await closeGateway();
    await server?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const begun = (t: TestContext) => startRollout(t, { registry, scheduler });

  /** Lines in the order of arrival: those of the first snapshot, then each as it comes. */
  function collect(rollout: Rollout, signal: AbortSignal, last?: string) {
    const got = { lines: [] as string[], seen: [] as DeploymentEvent['event'][], ended: false };
    const done = (async () => {
      const options = { signal, ...(last === undefined ? {} : { after: last }) };
      for await (const { event, data } of deploymentEvents({ url, token: TOKEN }, rollout.id, options)) {
        const isFirst = event === 'deployment' && !got.seen.includes('deployment');
        if (isFirst && last === undefined)
          got.lines.push(...data.targets.flatMap(({ steps }) => steps.flatMap((s) => s.output)));
        if (event === 'step-output') got.lines.push(...data.lines);
        got.seen.push(event);
      }
      got.ended = !signal.aborted;
    })();
    return { got, done };
  }

  function stopped(t: TestContext): AbortController {
    const stop = new AbortController();
    t.after(() => stop.abort());
    return stop;
  }

  test('followers that come at any time see every line once, also when the scheduler is behind', async (t) => {
    const rollout = await begun(t);
    const stop = stopped(t);
    const followers: ReturnType<typeof collect>[] = [];
    for (let round = 0; round < 20; round += 1) {
      await rollout.output(5);
      // What the scheduler has put down by then is anything from nothing to all.
      rollout.putDown((round * 7) % 11);
      followers.push(collect(rollout, stop.signal));
      if (round % 3 === 0) await until(() => followers.at(-1)?.got.seen.length !== 0, 10_000, 'the first snapshot');
    }
    await rollout.finish();
    await Promise.all(followers.map(({ done }) => done));
    for (const { got } of followers) {
      assert.deepEqual(got.lines, rollout.lines);
      assert.ok(got.ended);
      assert.equal(got.seen.at(-1), 'deployment');
      assert.equal(got.seen.filter((event) => event === 'deployment').length, got.seen.length === 1 ? 1 : 2);
    }
    const late = collect(rollout, stop.signal);
    await late.done;
    assert.deepEqual([late.got.seen, late.got.lines], [['deployment'], rollout.lines]);
  });

  test('other deployments are not told, nor what a node did after its outcome', async (t) => {
    const rollout = await begun(t);
    const other = await begun(t);
    const stop = stopped(t);
    const { got, done } = collect(rollout, stop.signal);
    await until(() => got.seen.length === 1, 10_000, 'the snapshot');
    await other.output(3);
    await rollout.output(2);
    await other.finish();
    await rollout.settle();
    await rollout.strayOutput();
    await rollout.finish();
    await done;
    assert.deepEqual(got.lines, rollout.lines);
    assert.ok(got.seen.includes('target'));
  });

  test('a gateway that ends and comes back loses and repeats nothing', { timeout: 60_000 }, async (t) => {
    const rollout = await begun(t);
    const stop = stopped(t);
    const followers = Array.from({ length: 5 }, () => collect(rollout, stop.signal));
    await until(() => followers.every(({ got }) => got.seen.length > 0), 10_000, 'the snapshots');
    for (let round = 0; round < 3; round += 1) {
      await rollout.output(10);
      if (round < 2) {
        await until(() => followers.every(({ got }) => got.lines.length > 0), 10_000, 'some lines');
      }
      const { port } = new URL(url);
      await closeGateway();
      // Told while nobody listens.
      await rollout.output(10);
      await openGateway(Number(port));
    }
    await rollout.finish();
    await Promise.all(followers.map(({ done }) => done));
    for (const { got } of followers) {
      assert.deepEqual(got.lines, rollout.lines);
      assert.equal(got.seen.filter((event) => event === 'deployment').length, 2);
    }
  });

  test('a follower that was away when it ended gets the rest and the end', async (t) => {
    const rollout = await begun(t);
    await rollout.output(4);
    const last = await events.last();
    const known = [...rollout.lines];
    await rollout.output(4);
    await rollout.finish();
    const { got, done } = collect(rollout, stopped(t).signal, String(last));
    await done;
    assert.deepEqual([...known, ...got.lines], rollout.lines);
    assert.deepEqual([got.ended, got.seen.at(-1)], [true, 'deployment']);
  });

  test('control: without its last id a follower sees lines again', async (t) => {
    const rollout = await begun(t);
    await rollout.output(4);
    rollout.putDown(0);
    const stop = stopped(t);
    const first = collect(rollout, stop.signal);
    await until(() => first.got.lines.length === 8, 10_000, 'the lines');
    const second = collect(rollout, stop.signal);
    await until(() => second.got.lines.length === 8, 10_000, 'the lines again');
    assert.notDeepEqual([...first.got.lines, ...second.got.lines], rollout.lines);
  });

  test('fifty followers that come and go leave nothing behind', { timeout: 60_000 }, async (t) => {
    const rollout = await begun(t);
    const counted = () => process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate').length;
    const connections = () => [...sockets].filter((socket) => !socket.destroyed).length;
    app.server.closeAllConnections();
    await until(() => connections() === 0, 10_000, 'old connections to be gone');
    const before = counted();
    for (let round = 0; round < 2; round += 1) {
      const stop = stopped(t);
      const followers = Array.from({ length: 50 }, () => collect(rollout, stop.signal));
      await until(() => followers.every(({ got }) => got.seen.length > 0), 20_000, 'all to be there');
      assert.ok(connections() >= 50);
      await rollout.output(2);
      if (round === 0) stop.abort();
      else await rollout.finish();
      await Promise.all(followers.map(({ done }) => done));
      await until(() => connections() <= 50, 10_000, 'the streams to be closed');
    }
    app.server.closeAllConnections();
    await until(() => connections() === 0 && counted() <= before + 2, 20_000, `${before} resources again`);
    const open = await fetch(`${url}/api/deployments/${newId()}`, {
      headers: { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream' },
    });
    assert.equal(open.status, 404);
  });
});
