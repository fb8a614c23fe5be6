import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ServerSettings, serverConfig } from '#infra/nats/server-config.ts';
import { expectGolden } from '#test/golden/expect.ts';

const settings: ServerSettings = {
  name: 'overseer-example',
  host: '127.0.0.1',
  port: 4222,
  monitor: { portsFolder: '/data/nats' },
  operatorJwt: '(operator)',
  systemAccount: '(SYS)',
  accounts: [
    ['(STORE)', '(jwt of STORE)'],
    ['(SYS)', '(jwt of SYS)'],
  ],
  resolverFolder: '/data/nats/resolver',
  storeFolder: '/data/nats/jetstream',
  pidFile: '/data/nats/server.pid',
  certificateFile: '/data/nats/server.crt',
  certificateKeyFile: '/data/nats/server.key',
};

test('the configuration of a server', () => expectGolden('server.conf', serverConfig(settings)));

test('a path with quotes or spaces stays one string, an IPv6 address stays one address', () => {
  const text = serverConfig({ ...settings, storeFolder: '/a "b" c', host: '::1', monitor: null });
  assert.match(text, /store_dir: "\/a \\"b\\" c"/);
  assert.match(text, /listen: "\[::1\]:4222"/);
  assert.doesNotMatch(text, /http/);
});
