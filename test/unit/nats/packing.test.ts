// Large bodies: small again on the wire, the same on the other side, and no way for a stranger to have much unpacked.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { headers } from '@nats-io/transport-node';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { decodeWire, encodeError, encodeWire, errorIn, positionHeaders, positionOf } from '#infra/nats/messages.ts';
import { PACKED_FROM_BYTES, pack, unpack } from '#infra/nats/packing.ts';
import { roomOfAnswer, roomOfEvent, roomOfInput } from '#infra/nats/room.ts';
import { contract } from '#subjects/contract.ts';
import { OverseerError } from '#subjects/errors.ts';

const room = { wire: 100_000, unpacked: 1_000_000 };
const schema = z.strictObject({ text: z.string() });
const named = (encoding: string, size: number | string) => {
  const sent = headers();
  sent.set('Overseer-Encoding', encoding);
  sent.set('Overseer-Size', String(size));
  return sent;
};
const refusal = (payload: Uint8Array, encoding: string, size: number | string) => {
  const found = decodeWire(schema, payload, named(encoding, size), room);
  return found.ok ? 'taken' : found.reason;
};

test('any text comes back as it was, packed or not', () => {
  const texts = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 200 }));
  fc.assert(
    fc.property(texts, fc.nat(5000), (text, times) => {
      const body = { text: text.repeat(times).slice(0, 150_000) };
      const { payload, headers: sent } = encodeWire('getStack', schema, body, room);
      assert.ok(payload.length <= room.wire);
      assert.deepEqual(decodeWire(schema, payload, sent, room), { ok: true, body });
    }),
    { numRuns: 200 },
  );
});

test('small ones travel as they are; those that gain nothing too', () => {
  assert.equal(pack('x', 'a'.repeat(PACKED_FROM_BYTES - 1), room).packing, null);
  assert.deepEqual(pack('x', 'a'.repeat(PACKED_FROM_BYTES), room).packing, {
    encoding: 'zstd',
    size: PACKED_FROM_BYTES,
  });
  const own = { wire: 1_000_000, unpacked: null };
  assert.equal(pack('x', 'a'.repeat(500_000), own).packing, null, 'never packed where nobody would unpack it');
});

test('headers that go with it anyway stay', () => {
  const position = { epoch: 'e'.repeat(26), sequence: 3 };
  const { headers: sent } = encodeWire(
    'getStack',
    schema,
    { text: 'a'.repeat(90_000) },
    room,
    positionHeaders(position),
  );
  assert.deepEqual(positionOf(sent), position);
  assert.equal(sent?.get('Overseer-Encoding'), 'zstd');
});

test('too large says so with its sizes, before and after it was packed', () => {
  const isTooLarge = (fields: Record<string, number>) => (error: unknown) => {
    assert.ok(error instanceof OverseerError && error.code === 'too-large', String(error));
    for (const [name, value] of Object.entries(fields)) assert.equal(error.fields[name], value);
    assert.match(error.message, /^x has \d+ bytes/);
    return true;
  };
  assert.throws(() => pack('x', 'a'.repeat(1_000_001), room), isTooLarge({ limit: 1_000_000, actual: 1_000_001 }));
  const noise = randomBytes(200_000).toString('base64');
  assert.throws(() => pack('x', noise, room), isTooLarge({ limit: 100_000, actual: noise.length }));
  assert.throws(() => pack('x', 'a'.repeat(11), { wire: 10, unpacked: null }), isTooLarge({ limit: 10, actual: 11 }));
});

test('a bomb is refused by the size it tells, and stopped when it tells another', () => {
  const bomb = zstdCompressSync(Buffer.alloc(50_000_000));
  assert.equal(refusal(bomb, 'zstd', 50_000_000), 'larger than it may be when unpacked');
  assert.equal(refusal(bomb, 'zstd', 100), 'can not be unpacked to the size it tells');
  assert.equal(refusal(bomb, 'zstd', room.unpacked), 'can not be unpacked to the size it tells');
});

test('what is not as its headers tell is refused', () => {
  const good = zstdCompressSync('{"text":"a"}');
  assert.equal(refusal(good, 'zstd', 12), 'taken');
  assert.equal(refusal(good, 'zstd', 13), 'not of the size it tells');
  for (const size of ['', '-1', '1e3', '0', 'x', '0x10']) {
    assert.equal(refusal(good, 'zstd', size), 'packed without its size', size);
  }
  for (const encoding of ['', 'GZIP', 'deflate', 'br', 'constructor', 'gzip, gzip']) {
    assert.notEqual(refusal(good, encoding, 12), 'taken', encoding);
  }
  for (let length = 0; length < good.length; length += 1) {
    assert.notEqual(refusal(good.subarray(0, length), 'zstd', 12), 'taken', `cut to ${length}`);
  }
  assert.equal(refusal(Buffer.from('{"text":"a"}'), 'zstd', 12), 'can not be unpacked to the size it tells');
  assert.equal(refusal(zstdCompressSync('not json'), 'zstd', 8), 'not JSON');
});

test('hostile bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(2000), (bytes, size) => {
      assert.equal(unpack(bytes, { encoding: 'zstd', size }, room).ok, false);
      const behind = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), bytes]);
      assert.equal(unpack(behind, { encoding: 'zstd', size }, room).ok, false);
    }),
  );
});

test('a node can have nothing unpacked by asking, and bounded sizes by telling and answering', () => {
  assert.equal(roomOfInput(contract.hello).unpacked, null);
  const packed = zstdCompressSync('{"text":"a"}');
  const found = decodeWire(schema, packed, named('zstd', 12), roomOfInput(contract.hello));
  assert.deepEqual(found, { ok: false, reason: 'may not be packed' });
  assert.equal(roomOfEvent(contract.nodeEvent).unpacked, null);
  assert.equal(roomOfEvent(contract.nodeFact).unpacked, null, 'third parties read it');
  assert.equal(roomOfEvent(contract.nodeReport).unpacked, 2 * 1024 * 1024);
  assert.equal(roomOfAnswer(contract.projects).unpacked, 4 * 1024 * 1024);
  assert.equal(roomOfInput(contract.preview).unpacked, 16 * 1024 * 1024);
});

test('a refusal fits whatever it would say', () => {
  const long = new OverseerError('conflict', 'x'.repeat(2_000_000), { fields: { names: ['y'.repeat(2_000_000)] } });
  const { headers: sent, payload } = encodeError(long);
  assert.ok(payload.length < 100_000);
  assert.equal(errorIn(sent, Buffer.from(payload))?.code, 'conflict');
});
