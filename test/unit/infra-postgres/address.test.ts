// Where PostgreSQL is, in the two forms in which it is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressText, connectionOptions, withDatabase } from '#infra/postgres/address.ts';

const socket = { host: '/run/pg', port: 5433, user: 'overseer', dbName: 'core' };

test('a URL with a host is left to the driver', () => {
  const url = 'postgres://u:p@db.example:5432/core?sslmode=require';
  assert.deepEqual(connectionOptions(url), { clientUrl: url });
});

test('a percent-encoded path as host is a unix socket', () => {
  assert.deepEqual(connectionOptions('postgres://overseer@%2Frun%2Fpg:5433/core'), socket);
  assert.equal((connectionOptions('postgres://u@%2frun/core') as { port: number }).port, 5432);
});

test('an address in parts stays as it is', () => {
  assert.deepEqual(connectionOptions(socket), socket);
});

test('another database on the same server', () => {
  assert.deepEqual(withDatabase(socket, 'other'), { ...socket, dbName: 'other' });
  assert.deepEqual(connectionOptions(withDatabase('postgres://overseer@%2Frun%2Fpg:5433/core', 'other')), {
    ...socket,
    dbName: 'other',
  });
});

test('no password is ever printed', () => {
  for (const address of ['postgres://u:hunter2@db:5432/core', { ...socket, password: 'hunter2' }]) {
    assert.doesNotMatch(addressText(address), /hunter2/);
  }
});
