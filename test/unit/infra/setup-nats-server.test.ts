import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSafeNatsServer, natsServerVersion, refusal } from '#infra/setup/nats-server-version.ts';

test('the version is read from what nats-server prints, and from nothing else', () => {
  assert.equal(natsServerVersion('nats-server: v2.15.1\n'), '2.15.1');
  assert.equal(natsServerVersion('nats-server: v2.14.0-RC.1\n'), '2.14.0-RC.1');
  assert.equal(natsServerVersion('nats-server: 2.9.10\n'), '2.9.10');
  for (const other of ['', 'v2.15.1', 'nats-server: new', 'busybox 2.15.1'])
    assert.equal(natsServerVersion(other), null);
});

test('versions below the lowest safe one are refused, with a reason that names both', () => {
  for (const safe of ['2.14.0', '2.14.3', '2.15.1', '3.0.0']) assert.equal(isSafeNatsServer(safe), true, safe);
  for (const unsafe of ['2.9.10', '2.10.27', '2.13.9', '2.14.0-RC.1', 'x'])
    assert.equal(isSafeNatsServer(unsafe), false, unsafe);
  assert.match(refusal('/usr/sbin/nats-server', '2.10.27'), /2\.10\.27.*2\.14\.0 or newer/);
  assert.match(refusal('/bin/echo', null), /does not say its version/);
});
