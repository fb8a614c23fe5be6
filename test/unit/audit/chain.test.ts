// Hashes, seals, roots and the walk along a chain.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical, linkHash, NOTHING_BEFORE, sealer } from '#infra/audit/chain.ts';
import { checkpointHash, type Head, isSigned, rootOf, signCheckpoint } from '#infra/audit/checkpoint.ts';
import { type Examined, examiner } from '#infra/audit/examine.ts';
import { checkpointFault } from '#infra/audit/examine-checkpoint.ts';
import { judgeOrder } from '#infra/audit/judge.ts';
import { merkleRoot } from '#infra/audit/merkle.ts';
import { newSigningKey, rawPublicKey } from '#infra/signing/ed25519.ts';
import type { AuditFault } from '#subjects/schema/audit-verification.ts';
import type { Checkpoint } from '#subjects/schema/checkpoint.ts';
import { chainingNode } from '#test/harness/node-audit.ts';

const sha = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

test('canonical JSON is that of RFC 8785', () => {
  assert.equal(
    canonical({ b: 1e30, a: [4.5, 2e-3], '\u20ac': '\u000f', ä: null }),
    '{"a":[4.5,0.002],"b":1e+30,"ä":null,"€":"\\u000f"}',
  );
});

test('a hash covers partition, number, the one before and the body, each apart', () => {
  const place = Buffer.from('0000000000000102', 'hex');
  const previous = Buffer.alloc(32, 9);
  const expected = sha(Buffer.from([0]), 'registry', Buffer.from([0]), place, previous, '{"ü":1}');
  assert.deepEqual(linkHash('registry')(0x102, previous, '{"ü":1}'), expected);
  assert.notDeepEqual(linkHash('registry1')(0x102, previous, ''), linkHash('registry')(0x102, previous, '1'));
});

test('a seal is an HMAC-SHA256', () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(bytes, bytes, (key, hash) => {
      assert.deepEqual(sealer(key)(hash), createHmac('sha256', key).update(hash).digest());
    }),
  );
});

/** The definition of RFC 6962, which splits at the largest power of two. */
function rootByDefinition(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha('');
  if (leaves.length === 1) return leaves[0] as Buffer;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha(Buffer.from([1]), rootByDefinition(leaves.slice(0, split)), rootByDefinition(leaves.slice(split)));
}

test('a root is that of RFC 6962', () => {
  for (let count = 0; count < 70; count++) {
    const leaves = Array.from({ length: count }, (_, at) => sha(String(at)));
    assert.deepEqual(merkleRoot(leaves), rootByDefinition(leaves), `${count} leaves`);
  }
});

const seal = sealer(Buffer.alloc(32, 3));

function chainOf(count: number, partition = 'registry'): Examined[] {
  let previous: Buffer = NOTHING_BEFORE;
  return Array.from({ length: count }, (_, at) => {
    const body = canonical({ record: { note: at }, receivedAt: '2026-01-01T00:00:00.000Z' });
    const hash = linkHash(partition)(at + 1, previous, body);
    previous = hash;
    return { number: at + 1, hash, body, seal: seal(hash), labels: null };
  });
}

function rehashed(rows: readonly Examined[]): Examined[] {
  let previous: Buffer = NOTHING_BEFORE;
  return rows.map((row, at) => {
    const hash = linkHash('registry')(at + 1, previous, row.body);
    previous = hash;
    return { ...row, number: at + 1, hash };
  });
}

function firstFault(rows: readonly Examined[], heads: readonly Head[], withSeals: boolean): AuditFault | null {
  const after = { number: 0, hash: NOTHING_BEFORE };
  const examined = examiner({ partition: 'registry', after, heads, seal: withSeals ? seal : null });
  for (const row of rows) {
    const fault = examined.take(row);
    if (fault !== null) return fault;
  }
  return examined.end();
}

const SIZE = 24;
const whole = chainOf(SIZE);
const sealedAt = [8, 16, 24];
const heads = sealedAt.map((number, at): Head => {
  const hash = whole[number - 1]?.hash ?? NOTHING_BEFORE;
  return { partition: 'registry', before: sealedAt[at - 1] ?? 0, number, hash };
});
const other = (row: Examined): Examined => ({ ...row, body: row.body.replace('"note":', '"note":1') });

type Change = (rows: Examined[], k: number) => Examined[];
const CHANGES: Record<string, Change> = {
  edit: (rows, k) => rows.map((row) => (row.number === k ? other(row) : row)),
  delete: (rows, k) => rows.filter(({ number }) => number !== k),
  insert: (rows, k) => [
    ...rows.slice(0, k - 1),
    other(rows[k - 1] as Examined),
    ...rows.slice(k - 1).map((row) => ({ ...row, number: row.number + 1 })),
  ],
  swap: (rows, k) =>
    rows.map((row) => {
      if (row.number === k) return { ...row, body: rows[k]?.body ?? '' };
      return row.number === k + 1 ? { ...row, body: rows[k - 1]?.body ?? '' } : row;
    }),
  cut: (rows, k) => rows.slice(0, k - 1),
};
const place = fc.integer({ min: 1, max: SIZE - 1 });

test('control: nothing is wrong with the chain itself, with seals or without', () => {
  assert.equal(firstFault(whole, heads, true), null);
  assert.equal(firstFault(whole, heads, false), null);
});

for (const [name, change] of Object.entries(CHANGES)) {
  test(`${name} anywhere: its first record is named`, () => {
    fc.assert(fc.property(place, (k) => assert.equal(firstFault(change([...whole], k), heads, false)?.number, k)));
  });

  test(`${name} with right hashes: named by its seal; without seals not after the checkpoint that shows it`, () => {
    fc.assert(
      fc.property(place, (k) => {
        const rows = rehashed(change([...whole], k));
        assert.equal(firstFault(rows, heads, true)?.number, k);
        const fault = firstFault(rows, heads, false);
        const shownAt = sealedAt.find((number) => number >= k) ?? 0;
        assert.ok(fault !== null && fault.number <= shownAt && fault.number >= shownAt - 8, JSON.stringify(fault));
      }),
    );
  });
}

test("a record is judged by its place in the node's own chain", () => {
  const hash = Buffer.alloc(32, 1);
  const last = { epoch: 'e', sequence: 5, hash };
  const wrong = Buffer.alloc(32, 2);
  const cases: readonly [Parameters<typeof judgeOrder>, ReturnType<typeof judgeOrder>][] = [
    [[null, { epoch: 'e', sequence: 1 }, NOTHING_BEFORE], null],
    [[null, { epoch: 'e', sequence: 2 }, hash], 'hole'],
    [[null, { epoch: 'e', sequence: 1 }, hash], 'fork'],
    [[last, { epoch: 'e', sequence: 6 }, hash], null],
    [[last, { epoch: 'e', sequence: 6 }, wrong], 'fork'],
    [[last, { epoch: 'e', sequence: 7 }, hash], 'hole'],
    [[last, { epoch: 'e', sequence: 5 }, hash], 'late'],
    [[last, { epoch: 'f', sequence: 1 }, NOTHING_BEFORE], 'restarted'],
    [[last, { epoch: 'f', sequence: 4 }, hash], 'hole'],
  ];
  for (const [given, expected] of cases) assert.equal(judgeOrder(...given), expected, JSON.stringify(given));
});

test('checkpoints: signed, in a row, of the heads they name', () => {
  const key = newSigningKey();
  const own = rawPublicKey(key).toString('base64url');
  const make = (number: number, before: Checkpoint | null, head: Head, given: Partial<Checkpoint> = {}) => ({
    number,
    hash: null,
    heads: [head],
    signed: signCheckpoint(
      {
        ...{ kind: 'checkpoint', number, at: '2026-01-01T00:00:00.000Z', root: rootOf([head]), partitions: 1 },
        previous: before === null ? '0'.repeat(64) : checkpointHash(before),
        records: head.number,
        ...given,
      },
      key,
    ),
  });
  const [first, second] = heads as [Head, Head];
  const one = make(1, null, first);
  const two = make(2, one.signed.checkpoint, second);
  assert.ok(isSigned(one.signed));
  assert.equal(checkpointFault(null, one, own), null);
  assert.equal(checkpointFault(one.signed, two, own), null);
  const kinds = (kept: Parameters<typeof checkpointFault>[1], by = own) => checkpointFault(one.signed, kept, by)?.kind;
  assert.equal(kinds(one), 'checkpoint-missing');
  assert.equal(kinds({ ...two, signed: null }), 'checkpoint-changed');
  assert.equal(kinds({ ...two, hash: 'f'.repeat(64) }), 'checkpoint-changed');
  assert.equal(kinds(two, rawPublicKey(newSigningKey()).toString('base64url')), 'checkpoint-forged');
  const edited = { ...two.signed, checkpoint: { ...two.signed.checkpoint, records: 99 } };
  assert.equal(kinds({ ...two, signed: edited }), 'checkpoint-forged');
  assert.equal(kinds(make(2, null, second)), 'checkpoint-changed');
  assert.equal(kinds({ ...two, heads: [] }), 'checkpoint-changed');
  assert.equal(kinds({ ...two, heads: [{ ...second, before: 0 }] }), 'checkpoint-changed');
  assert.equal(kinds(make(2, one.signed.checkpoint, second, { records: 3 })), 'checkpoint-changed');
});

test("after a fault in a node's own chain the records behind it are still checked", () => {
  const node = chainingNode('n'.repeat(26));
  const partition = `node:${node.node}`;
  const [first, second, third] = [node.next(), node.next(), node.next()];
  let previous: Buffer = NOTHING_BEFORE;
  const rows = [first, third, second, first].map(({ record, chain }, at): Examined => {
    const body = canonical({ record, chain, receivedAt: '2026-01-01T00:00:00.000Z' });
    previous = linkHash(partition)(at + 1, previous, body);
    return { number: at + 1, hash: previous, body, seal: null, labels: null };
  });
  const after = { number: 0, hash: NOTHING_BEFORE };
  const examined = examiner({ partition, after, heads: [], seal: null, nodeHead: null });
  const [, , , last] = rows as [Examined, Examined, Examined, Examined];
  const taken = [...rows.slice(0, 3), { ...last, body: '{}' }].map((row) => examined.take(row)?.kind ?? null);
  assert.deepEqual(taken, [null, 'node-chain', null, 'changed']);
});
