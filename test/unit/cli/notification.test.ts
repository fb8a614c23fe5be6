// Targets of messages by the CLI: an address is read like a secret, and what is made is shown once.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { Notification, NotificationDelivery } from '#subjects/schema/notification.ts';
import { exampleOf } from '#test/unit/gateway/example.ts';
import { cliFixture, NAS } from './fixture.ts';

const target = (more: object = {}) => ({ ...(exampleOf(Notification) as object), name: 'ops', ...more });

describe('notification', () => {
  const cli = cliFixture();
  beforeEach(() => {
    Object.assign(cli.gateway.bus.answers, {
      putNotification: () => ({ ...target(), secret: 'made-just-now' }),
      listNotifications: () => ({ items: [target({ lastError: 'it answered 500', pending: 3 })] }),
      getNotification: () => target(),
    });
  });
  const asked = (name: string) => cli.gateway.bus.asked.filter((one) => one.name === name).map(({ input }) => input);

  test('set takes the address from stdin, chooses, and shows the secret that was made', async () => {
    const line =
      'notification set ops --kind webhook --condition node-offline --node nas --severity info --offline-after 2m --quiet-time 0';
    const { code, out, err } = await cli.run(line, { input: 'https://ops.example/hook\n' });
    assert.equal(code, 0, err);
    assert.deepEqual(asked('putNotification')[0].spec, {
      kind: 'webhook',
      url: 'https://ops.example/hook',
      choice: { conditions: ['node-offline'], nodes: [NAS], minimumSeverity: 'info' },
      thresholds: { offlineSeconds: 120, quietSeconds: 0 },
    });
    assert.equal(out, 'made-just-now\n');
    assert.match(err, /not shown again/);
  });

  test('set keeps the address when it is told to, and takes a token from a file', async () => {
    writeFileSync(join(cli.folder, 'token'), 'tk_12345678\n');
    const { code, err } = await cli.run('notification set ops --kind ntfy --keep-url --secret-file token');
    assert.equal(code, 0, err);
    const [{ spec }] = asked('putNotification');
    assert.deepEqual([spec.url, spec.secret], [undefined, 'tk_12345678']);
  });

  test('set that keeps the address keeps all that it does not name', async () => {
    const held = {
      choice: { conditions: ['node-offline'], nodes: [NAS], minimumSeverity: 'info' },
      thresholds: { offlineSeconds: 300, quietSeconds: 60 },
    };
    cli.gateway.bus.answers.getNotification = () => target(held);
    const { code, err } = await cli.run(
      'notification set ops --kind webhook --keep-url --severity error --quiet-time 5m',
    );
    assert.equal(code, 0, err);
    const [{ spec }] = asked('putNotification');
    assert.deepEqual(spec, {
      kind: 'webhook',
      choice: { ...held.choice, minimumSeverity: 'error' },
      thresholds: { ...held.thresholds, quietSeconds: 300 },
    });
  });

  test('set refuses what is none', async () => {
    for (const [line, input] of [
      ['notification set ops --kind pigeon', 'https://x.example/'],
      ['notification set ops --kind slack', ''],
      ['notification set ops --kind slack', 'two words'],
      ['notification set ops --kind slack', 'ftp://x.example/'],
      ['notification set ops --kind slack --condition rain', 'https://x.example/'],
    ] as const) {
      assert.notEqual((await cli.run(line, { input })).code, 0, `${line} < ${input}`);
    }
    assert.deepEqual(asked('putNotification'), []);
  });

  test('ls tells what is owed and why', async () => {
    assert.match((await cli.run('notification ls')).out, /ops .* 3 .* it answered 500/);
  });

  test('test fails when the target does not take it', async () => {
    cli.gateway.bus.answers.testNotification = () => ({ delivered: true, status: 204, error: null });
    assert.equal((await cli.run('notification test ops')).out, 'ops took it (204)\n');
    cli.gateway.bus.answers.testNotification = () => ({ delivered: false, status: 403, error: 'it answered 403' });
    const { code, err } = await cli.run('notification test ops');
    assert.equal(code, 1);
    assert.match(err, /it answered 403/);
  });

  test('deliveries are listed and tried again; rm needs a yes', async () => {
    const delivery = {
      ...(exampleOf(NotificationDelivery) as object),
      state: 'dead',
      lastError: 'the connection failed',
    };
    cli.gateway.bus.answers.listDeliveries = () => ({ items: [delivery], nextCursor: null });
    assert.match((await cli.run('notification deliveries ops')).out, /dead .* the connection failed/);
    const id = 'a'.repeat(26);
    assert.equal((await cli.run(`notification retry ops ${id}`)).code, 0);
    assert.equal(asked('retryDelivery')[0].id, id);
    assert.equal((await cli.run('notification rm ops')).code, 2);
    assert.equal((await cli.run('notification rm ops -y')).code, 0);
    assert.equal(asked('removeNotification')[0].name, 'ops');
  });
});
