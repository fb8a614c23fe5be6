// Bodies, positions and errors on the wire.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headers } from '@nats-io/transport-node';
import fc from 'fast-check';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import { backOffMs } from '#infra/nats/consumer.ts';
import { busFault } from '#infra/nats/faults.ts';
import {
  decodeBody,
  encodeBody,
  encodeError,
  errorIn,
  positionHeaders,
  positionOf,
  rejections,
} from '#infra/nats/messages.ts';
import { contract } from '#subjects/contract.ts';
import { OverseerError } from '#subjects/errors.ts';

const schema = contract.heartbeat.schema;

test('hostile bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assert.equal(decodeBody(schema, bytes).ok, false)),
  );
  fc.assert(fc.property(fc.json(), (text) => assert.equal(decodeBody(schema, Buffer.from(text)).ok, false)));
});

test('a fault names the place and not the content', () => {
  const decoded = decodeBody(schema, Buffer.from(JSON.stringify({ kind: 'heartbeat', bootId: 'secret' })));
  assert.ok(!decoded.ok && !decoded.reason.includes('secret'), JSON.stringify(decoded));
});

test('what we send ourselves must match', () => {
  assert.throws(
    () => encodeBody('heartbeat', schema, { kind: 'x' }),
    (e) => e instanceof OverseerError && e.code === 'internal',
  );
});

test('a position travels in headers; a malformed one is none', () => {
  const position = { epoch: newId(), sequence: 7 };
  assert.deepEqual(positionOf(positionHeaders(position)), position);
  assert.equal(positionOf(undefined), null);
  assert.equal(positionOf(headers()), null);
  for (const sequence of ['-1', '1.5', '1e3', 'x', '9'.repeat(20), '']) {
    const sent = headers();
    sent.set('Overseer-Epoch', position.epoch);
    if (sequence) sent.set('Overseer-Seq', sequence);
    assert.equal(positionOf(sent), null, sequence);
  }
});

test('an error arrives with code, detail and fields; an unknown code is internal', () => {
  const { headers: sent, payload } = encodeError(new OverseerError('too-large', 'why', { fields: { limit: 3 } }));
  const error = errorIn(sent, Buffer.from(payload));
  assert.deepEqual([error?.code, error?.message, error?.fields], ['too-large', 'why', { limit: 3 }]);
  assert.equal(errorIn(headers(), Buffer.from('{}')), null);
  const odd = headers();
  odd.set('Overseer-Error', 'constructor');
  assert.equal(errorIn(odd, Buffer.from('nonsense'))?.code, 'internal');
});

test('each rejection is counted, each kind told once', () => {
  const counted: string[] = [];
  const lines: unknown[] = [];
  const log = createLogger('test', 'silent');
  log.warn = ((line: unknown) => lines.push(line)) as never;
  const rejected = rejections(log, (name, reason) => counted.push(`${name} ${reason}`));
  for (let i = 0; i < 3; i++) rejected('heartbeat', 'not JSON');
  rejected('nodeLog', 'not JSON');
  assert.equal(counted.length, 4);
  assert.equal(lines.length, 2);
});

test('waits grow with deliveries and then stay', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 99].map(backOffMs), [1_000, 5_000, 30_000, 120_000, 120_000, 120_000]);
});

test('an unknown failure is internal, an error of the list stays what it is', () => {
  assert.equal(busFault(new Error('x'), 'y').code, 'internal');
  assert.equal(busFault(new OverseerError('conflict', 'x'), 'y').code, 'conflict');
});
