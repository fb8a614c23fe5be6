// Under which address agents are told to come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Addresses, enrollCommand, gatewayUrl, natsServers } from '#services/gateway/addresses.ts';

const own: Addresses = { http: { host: '0.0.0.0', port: 7700 }, nats: { port: 4222 }, advertise: null };

test('the host that was asked, with its port', () => {
  assert.equal(gatewayUrl(own, '10.0.0.5:7700'), 'http://10.0.0.5:7700');
  assert.deepEqual(natsServers(own, '10.0.0.5:7700'), ['10.0.0.5:4222']);
  assert.equal(gatewayUrl(own, 'core.lan'), 'http://core.lan');
  assert.equal(gatewayUrl(own, '[fd00::1]:7700'), 'http://[fd00::1]:7700');
  assert.deepEqual(natsServers(own, '[fd00::1]:7700'), ['[fd00::1]:4222']);
});

test('a set host wins, with the port of its own or ours', () => {
  const set = (advertise: string) => ({ ...own, advertise });
  assert.equal(gatewayUrl(set('core.lan'), '10.0.0.5:7700'), 'http://core.lan:7700');
  assert.equal(gatewayUrl(set('core.lan:80'), '10.0.0.5:7700'), 'http://core.lan');
  assert.equal(gatewayUrl(set('fd00::1'), 'x'), 'http://[fd00::1]:7700');
  assert.deepEqual(natsServers(set('core.lan:8080'), 'x'), ['core.lan:4222']);
});

test('servers of a cluster are told as they are', () => {
  const cluster = { ...own, nats: { servers: ['a:4222', 'b:4222'] } };
  assert.deepEqual(natsServers(cluster, 'x'), ['a:4222', 'b:4222']);
});

test('a Host header that is none is not passed on', () => {
  for (const host of ['a b', 'x;rm -rf /', "'$(id)'", 'a@b', 'a/b', 'a:99999', '', undefined]) {
    assert.equal(gatewayUrl(own, host), 'http://0.0.0.0:7700', String(host));
  }
});

test('the command to paste holds the token in the environment, not among the arguments', () => {
  const command = enrollCommand('http://core:7700', 'ovs_enr_x.y');
  assert.match(command, /^OVERSEER_TOKEN=ovs_enr_x\.y /);
  assert.doesNotMatch(command, /--token/);
});
