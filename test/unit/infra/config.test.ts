import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { coreConfig } from '#infra/config.ts';

test('without settings everything is local', () => {
  assert.deepEqual(coreConfig({}), {
    data: resolve('.overseer'),
    http: { host: '127.0.0.1', port: 7700 },
    nats: { host: '127.0.0.1', port: 4222 },
    databaseUrl: null,
    localAgent: true,
    logLevel: 'info',
    advertise: null,
    publicUrl: null,
    forbidden: [],
    insecureRegistries: [],
    logs: { maxBytes: 10 * 1024 ** 3, loki: null, otlp: null },
    secrets: { mode: 'managed', recoveryRecipient: null },
  });
});

test('addresses to listen on may be IPv6, and NATS may be the URLs of a cluster', () => {
  assert.deepEqual(coreConfig({ OVERSEER_HTTP: '[::1]:80' }).http, { host: '::1', port: 80 });
  assert.deepEqual(coreConfig({ OVERSEER_NATS: '0.0.0.0:4300' }).nats, { host: '0.0.0.0', port: 4300 });
  assert.deepEqual(coreConfig({ OVERSEER_NATS: 'tls://a:4222, tls://b:4223/' }).nats, {
    servers: ['a:4222', 'b:4223'],
  });
});

test('all faults are told at once, each by the name of its setting', () => {
  const wrong = {
    OVERSEER_HTTP: '7700',
    OVERSEER_NATS: 'host:99999',
    DATABASE_URL: 'mysql://x',
    OVERSEER_LOCAL_AGENT: 'maybe',
    LOG_LEVEL: 'loud',
    OVERSEER_ADVERTISE: 'a b',
    OVERSEER_PUBLIC_URL: 'core.example',
  };
  assert.throws(
    () => coreConfig(wrong),
    (error: Error) => Object.keys(wrong).every((name) => error.message.includes(name)),
  );
});

test('secrets: a mode of two, a recipient that looks like one', () => {
  const recipient = 'age149smrygu32us7rdecvyhca5e6ql9zdeqjn24p5kdhux22pqfr3wsfp3jra';
  assert.deepEqual(coreConfig({ OVERSEER_SECRETS_MODE: 'strict', OVERSEER_RECOVERY_RECIPIENT: recipient }).secrets, {
    mode: 'strict',
    recoveryRecipient: recipient,
  });
  assert.throws(() => coreConfig({ OVERSEER_SECRETS_MODE: 'loose' }), /OVERSEER_SECRETS_MODE/);
  assert.throws(() => coreConfig({ OVERSEER_RECOVERY_RECIPIENT: 'ssh-ed25519 AAAA' }), /OVERSEER_RECOVERY_RECIPIENT/);
});

test('logs: a size with its unit, and where lines are handed on to', () => {
  const { logs } = coreConfig({
    OVERSEER_LOGS_MAX_BYTES: '512M',
    OVERSEER_LOKI_URL: 'http://loki:3100',
    OVERSEER_OTLP_LOGS_URL: 'https://collector/otlp/v1/logs',
    OVERSEER_OTLP_HEADERS_FILE: '/run/secrets/otlp',
  });
  assert.equal(logs.maxBytes, 512 * 1024 ** 2);
  assert.deepEqual([logs.loki?.url.href, logs.loki?.headersFile], ['http://loki:3100/loki/api/v1/push', null]);
  assert.deepEqual(
    [logs.otlp?.url.href, logs.otlp?.headersFile],
    ['https://collector/otlp/v1/logs', '/run/secrets/otlp'],
  );
  for (const size of ['10x', '-1', '1k', '1.5g', 'g']) {
    assert.throws(() => coreConfig({ OVERSEER_LOGS_MAX_BYTES: size }), /OVERSEER_LOGS_MAX_BYTES/, size);
  }
  for (const url of ['loki:3100', 'ftp://loki', 'http://me:secret@loki', 'x']) {
    assert.throws(
      () => coreConfig({ OVERSEER_LOKI_URL: url }),
      (error: Error) => /OVERSEER_LOKI_URL/.test(error.message) && !error.message.includes('secret'),
      url,
    );
  }
});
