// Answers of a large fleet, over a real bus and a real database: as large as they are, none fails for its size.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { deploymentEvents } from '#clients/sdk/deployment-events.ts';
import { newHealth } from '#infra/health.ts';
import { createLogger } from '#infra/logger.ts';
import { accessOf } from '#services/gateway/access/tokens.ts';
import { buildApp } from '#services/gateway/app.ts';
import { endAllEventStreams } from '#services/gateway/live/sse.ts';
import { type LiveStream, openLiveStream } from '#services/gateway/live/stream.ts';
import type { App } from '#services/gateway/parts.ts';
import type { Deployment } from '#subjects/schema/deployment.ts';
import { type Api, apiOf } from '#test/harness/api.ts';
import { until } from '#test/harness/until.ts';
import { reportOf } from '#test/integration/nats/reports.ts';
import { type Core, startCore } from '#test/integration/scheduler/core.ts';
import { type Rows, rowsOf } from './rows.ts';

const TOKEN = randomBytes(24).toString('hex');
const NODES = 1000;
const STEPS = 20;

describe('a fleet of a thousand nodes', { timeout: 180_000 }, () => {
  let core: Core;
  let app: App;
  let events: LiveStream;
  let api: Api;
  let url: string;
  let rows: Rows;
  let root: string;

  before(async () => {
    core = await startCore();
    await core.startScheduler();
    rows = await rowsOf(core, NODES);
    const bus = await core.nats.connect('gateway');
    events = openLiveStream(bus, 'EVENTS');
    root = mkdtempSync(join(tmpdir(), 'overseer-large-'));
    app = await buildApp({
      ...{ bus, events, consoleRoot: root, health: newHealth(), version: '0' },
      log: createLogger('gateway', process.env['TEST_LOG'] ?? 'silent'),
      access: accessOf(TOKEN, Buffer.alloc(32, 7)),
      addresses: { http: { host: '127.0.0.1', port: 7700 }, nats: { port: 4222 }, advertise: null },
      ca: () => '',
      metrics: async () => '',
    });
    url = await app.listen({ host: '127.0.0.1', port: 0 });
    api = apiOf(url, () => TOKEN);
  });
  after(async () => {
    endAllEventStreams();
    app?.server.closeAllConnections();
    await app?.close();
    await events?.stop();
    await core?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  async function followed(id: string): Promise<Deployment> {
    for await (const { event, data } of deploymentEvents({ url, token: TOKEN }, id, {
      signal: AbortSignal.timeout(60_000),
    })) {
      if (event === 'deployment') return data as Deployment;
    }
    return assert.fail('no snapshot');
  }

  test('a deployment with twenty steps on each node, read and followed', async () => {
    const id = await rows.deployment(STEPS, (step) => [`node {node} 🙂 step ${step}`]);
    const { status, body } = await api('GET', `/api/deployments/${id}`);
    assert.equal(status, 200, JSON.stringify(body).slice(0, 500));
    const whole = body as Deployment;
    assert.deepEqual(
      whole.targets.map(({ node }) => node),
      rows.nodes,
    );
    for (const [index, { steps, nodeName }] of whole.targets.entries()) {
      assert.equal(nodeName, `node-${index}`);
      assert.deepEqual(
        steps.map(({ step, output, outcome }) => [step, output, outcome]),
        Array.from({ length: STEPS }, (_, at) => [`step-${at}`, [`node ${index} 🙂 step ${at}`], 'ok']),
      );
    }
    assert.deepEqual(await followed(id), whole);
  });

  test('verbose on every node: each has its share, says what is left out, and has all of it when asked for alone', async () => {
    const lines = Array.from({ length: 500 }, (_, index) => `${index} ${'ä"'.repeat(20)}`);
    const id = await rows.deployment(2, () => lines);
    const { status, body } = await api('GET', `/api/deployments/${id}`);
    assert.equal(status, 200);
    assert.ok(JSON.stringify(body).length < 14 * 1024 * 1024, String(JSON.stringify(body).length));
    for (const { steps } of (body as Deployment).targets) {
      const [first, second] = steps;
      const told = first?.output.slice(0, -1) ?? [];
      assert.ok(told.length > 50);
      assert.deepEqual(told, lines.slice(0, told.length));
      assert.equal(
        first?.output.at(-1),
        `(${500 - told.length} more lines are left out here; ask for this node alone)`,
      );
      assert.deepEqual(second?.output, ['(500 more lines are left out here; ask for this node alone)']);
    }
    const node = rows.nodes[7] ?? '';
    const alone = (await api('GET', `/api/deployments/${id}?node=${node}`)).body as Deployment;
    assert.deepEqual(
      alone.targets.map((target) => [target.node, target.steps.map(({ output }) => output)]),
      [[node, [lines, lines]]],
    );
    assert.equal((await api('GET', `/api/deployments/${id}?node=${'z'.repeat(26)}`)).status, 404);
    assert.equal((await api('GET', `/api/deployments/${'z'.repeat(26)}`)).status, 404);
  });

  test('fifty stacks on each node: one call has them all', async () => {
    await rows.stacks(50, null);
    const { status, body } = await api('GET', '/api/stacks');
    assert.equal(status, 200, JSON.stringify(body).slice(0, 500));
    assert.deepEqual([body.items.length, body.nextCursor], [50, null]);
    for (const { nodes } of body.items) {
      assert.deepEqual(
        nodes.map(({ node }: { node: string }) => node),
        rows.nodes,
      );
    }
    const bus = await core.nats.connect('gateway');
    const page = await bus.request('listStacks', {}, {});
    assert.ok(page.items.length < 10 && page.nextCursor !== null, 'a part of them in a message');
    assert.equal((await api('GET', '/api/summary')).body.stacks.total, 50);
  });

  test('a verbose node: its first lines are kept, all others counted', async () => {
    const node = await core.enroll('builder', { labels: { role: 'builder' } });
    const { deployment } = await core.put('build', { targets: { selector: { role: 'builder' } } });
    const about = { stack: 'build', revision: 1, deployment };
    await core.tell('step-started', node, { type: 'stack.step.started', ...about, step: 'build', why: 'it is new' });
    for (let round = 0; round < 200; round += 1) {
      const lines = Array.from({ length: 500 }, (_, index) => `line ${round * 500 + index}`);
      await core.tell('step-output', node, { type: 'stack.step.output', ...about, step: 'build', lines });
    }
    const ended = { step: 'build', outcome: 'failed', reason: 'exited 1', exitCode: 1, durationMs: 5 };
    await core.tell('step-finished', node, { type: 'stack.step.finished', ...about, ...ended });
    await core.handled();
    const { body } = await api('GET', `/api/deployments/${deployment}`);
    const [step] = (body as Deployment).targets[0]?.steps ?? [];
    assert.deepEqual([step?.outcome, step?.reason], ['failed', 'exited 1']);
    assert.equal(step?.output.length, 10_001);
    assert.deepEqual(step?.output.slice(9_999), ['line 9999', '(90000 more lines were not kept)']);
  });

  test('a report of 2,000 containers stands in the status of its node', async () => {
    const node = await core.enroll('crowded');
    const bus = await core.nats.connect('node', node.id, core.nats.mintNode(node.id));
    await bus.emit('nodeReport', { node: node.id }, reportOf(2000));
    const gateway = await core.nats.connect('gateway');
    const found = await until(
      async () => {
        const status = await gateway.request('getNodeDesired', {}, { id: node.id });
        return status.reportedAt === null ? null : status;
      },
      10_000,
      'the report',
    );
    // It runs none of these stacks by ours, so they are not its status; that it was taken whole is seen in the database.
    assert.equal(found.observedGeneration, 1);
    const [row] = await core.database.em().execute(
      `select sum(jsonb_array_length(s->'services')) as n from node_reports, jsonb_array_elements(report->'stacks') s
         where node = ?`,
      [node.id],
    );
    assert.equal(Number((row as { n: string }).n), 2000);
  });
});
