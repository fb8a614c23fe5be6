// The whole product, and two strangers: a reader made by the CLI that follows over NATS, and a webhook. Both go on when the
// core is killed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { jetstream } from '@nats-io/jetstream';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { enrollByHand } from '#test/harness/applicant.ts';
import { expectStatus } from '#test/harness/fleet.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

const run = promisify(execFile);
const LONG_MS = 60_000;

interface Posted {
  readonly signature: string;
  readonly delivery: string;
  readonly body: string;
}

describe('strangers who are told', () => {
  let system: System;
  let folder: string;
  let webhook: Server;
  const posted: Posted[] = [];
  const closing: (() => Promise<void>)[] = [];
  before(async () => {
    system = await startSystem({ dockerHost: null, env: { OVERSEER_PUBLIC_URL: 'https://core.example' } });
    folder = mkdtempSync(join(tmpdir(), 'overseer-strangers-'));
    webhook = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const { 'overseer-signature': signature, 'overseer-delivery': delivery } = request.headers;
        posted.push({ signature: String(signature), delivery: String(delivery), body });
        response.end();
      });
    });
    await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    for (const close of closing) await close();
    webhook?.closeAllConnections();
    webhook?.close();
    await system?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const overseer = (...args: string[]) =>
    run(process.execPath, ['--', 'clients/cli/main.ts', ...args], {
      env: { PATH: process.env['PATH'], OVERSEER_URL: system.url, OVERSEER_TOKEN: system.token },
    });

  function dial(): Promise<NatsConnection> {
    return connect({
      servers: [`tls://127.0.0.1:${system.natsPort}`],
      tls: { ca: readFileSync(join(folder, 'billing-ca.pem'), 'utf8'), handshakeFirst: true },
      authenticator: credsAuthenticator(readFileSync(join(folder, 'billing.creds'))),
      inboxPrefix: '_INBOX.r-billing',
      maxReconnectAttempts: -1,
      reconnectTimeWait: 200,
    });
  }

  test('a reader hears what comes, through a kill of the core, and is cut when it is removed', async () => {
    const out = join(folder, 'billing.creds');
    await overseer('reader', 'create', 'billing', '--role', 'events', '--kind', 'node.registered', '--out', out);
    const nc = await dial();
    let isCut = false;
    void (async () => {
      for await (const { type } of nc.status()) isCut = type === 'disconnect' || (isCut && type !== 'reconnect');
    })();
    const config = { name: 'r-billing', durable_name: 'r-billing', ack_policy: 'explicit' };
    const info = { stream_name: 'EVENTS', name: 'r-billing', config };
    const consumer = jetstream(nc).consumers.getConsumerFromInfo(info as never);
    const subjects: string[] = [];
    const messages = await consumer.consume({ max_messages: 10, expires: 5_000, bind: true });
    void (async () => {
      for await (const message of messages) {
        subjects.push(message.subject);
        message.ack();
      }
    })().catch(() => {});
    // Open connections would keep the test alive after a failure.
    closing.push(() => nc.close());
    const first = await enrollByHand(system);
    await until(() => subjects.some((subject) => subject.includes(first.node)), LONG_MS, 'the first node');
    await system.killCore({ spareAgent: false });
    await system.start();
    const second = await enrollByHand(system);
    await until(() => subjects.some((subject) => subject.includes(second.node)), LONG_MS, 'the second node');
    await overseer('reader', 'rm', 'billing', '-y');
    await until(() => isCut, LONG_MS, 'its connection to be cut');
    await nc.close();
    await assert.rejects(dial(), /[Aa]uthoriz|[Aa]uthentic/);
    const { items } = expectStatus(await system.api('GET', '/api/readers'), 200).body;
    assert.deepEqual(items, []);
  });

  test('a webhook is told, signed; the event can be found by its filter', async () => {
    const url = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/hook`;
    const spec = { kind: 'webhook', url, choice: { conditions: ['node-registered'], minimumSeverity: 'info' } };
    const { secret } = expectStatus(await system.api('PUT', '/api/notifications/ops', spec), 200).body;
    const { node } = await enrollByHand(system);
    const told = await until(() => posted.find(({ body }) => body.includes(node)), LONG_MS, 'the message');
    const [, t, v1] = /^t=(\d+),v1=(\w+)$/.exec(told.signature) ?? [];
    assert.equal(createHmac('sha256', secret).update(`${t}.${told.body}`).digest('hex'), v1);
    const { data } = JSON.parse(told.body);
    assert.equal(data.link, `https://core.example/nodes/${node}`);
    assert.match(data.title, /was added$/);
    const path = `/api/events?node=${node}&type=node.registered`;
    const { items } = expectStatus(await system.api('GET', path), 200).body;
    assert.equal(items.length, 1);
    assert.equal(items[0].id, data.event);
    await until(
      async () => (await system.api('GET', '/api/notifications/ops/deliveries')).body.items[0]?.state === 'delivered',
      LONG_MS,
      'the delivery to be told',
    );
    const { stdout } = await overseer('notification', 'deliveries', 'ops', '-o', 'json');
    assert.ok(stdout.includes(told.delivery));
  });
});
