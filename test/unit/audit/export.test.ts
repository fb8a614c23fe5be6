// An export as a file: whatever is taken out of it, put in or moved is found, and a part is told from the whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonical, linkHash, NOTHING_BEFORE } from '#infra/audit/chain.ts';
import { checkpointHash, rootOf, signCheckpoint } from '#infra/audit/checkpoint.ts';
import { verifyExport } from '#infra/audit/verify-export.ts';
import { newSigningKey } from '#infra/signing/ed25519.ts';
import type { Checkpoint, SignedCheckpoint } from '#subjects/schema/checkpoint.ts';

/** Minute of the day, as text. */
const minute = (at: number) => new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString();
const key = newSigningKey();
const NAMES = ['registry', 'scheduler'];
const EACH = 12;

/** Record n is received at minute 10 n, every fourth is sealed five minutes later. */
function exported(by = key): { checkpoints: string[]; records: Map<string, string[]>; signed: SignedCheckpoint[] } {
  const hashes = new Map<string, Buffer[]>();
  const records = new Map(
    NAMES.map((partition) => {
      let previous: Buffer = NOTHING_BEFORE;
      const own: Buffer[] = [];
      hashes.set(partition, own);
      const lines = Array.from({ length: EACH }, (_, at) => {
        const body = canonical({ record: { note: at }, receivedAt: minute(10 * (at + 1)) });
        const hash = linkHash(partition)(at + 1, previous, body);
        const named = { previous: previous.toString('hex'), hash: hash.toString('hex') };
        const line = JSON.stringify({ type: 'record', partition, number: at + 1, ...named, body });
        previous = hash;
        own.push(hash);
        return line;
      });
      return [partition, lines] as const;
    }),
  );
  const signed: SignedCheckpoint[] = [];
  const checkpoints = [4, 8].map((number, index) => {
    const heads = NAMES.map((partition) => {
      return { partition, before: number - 4, number, hash: hashes.get(partition)?.[number - 1] ?? NOTHING_BEFORE };
    });
    const before = signed.at(-1)?.checkpoint;
    const checkpoint: Checkpoint = {
      ...{ kind: 'checkpoint', number: index + 1, at: minute(10 * number + 5), root: rootOf(heads), partitions: 2 },
      previous: before === undefined ? '0'.repeat(64) : checkpointHash(before),
      records: number * NAMES.length,
    };
    signed.push(signCheckpoint(checkpoint, by));
    const told = heads.map((head) => ({ ...head, hash: head.hash.toString('hex') }));
    return JSON.stringify({ type: 'checkpoint', signed: signed.at(-1), heads: told });
  });
  return { checkpoints, records, signed };
}

const { checkpoints, records, signed } = exported();
const [registry, scheduler] = NAMES.map((name) => records.get(name) ?? []) as [string[], string[]];
const ending = (from: string | null = null, to: string | null = null) => JSON.stringify({ type: 'end', from, to });
const end = ending();

async function* each(lines: readonly string[]) {
  yield* lines;
}
const verify = (lines: readonly string[], kept?: SignedCheckpoint) => verifyExport(each(lines), kept);
const kinds = async (lines: readonly string[], kept?: SignedCheckpoint) =>
  (await verify(lines, kept)).faults.map(({ partition, number, kind }) => `${partition} ${number} ${kind}`);

test('control: the whole is right, and so are parts by their range', async () => {
  const { faults, ...found } = await verify([...checkpoints, ...registry, ...scheduler, end], signed[1]);
  assert.deepEqual(faults, []);
  assert.deepEqual(found, { records: 24, unsealed: 8, checkpoints: 2, key: signed[0]?.key, from: null, to: null });
  const [from, to] = [minute(51), minute(95)];
  const late = [...registry.slice(5), ...scheduler.slice(5)];
  assert.deepEqual(await kinds([...checkpoints, ...late, ending(from)]), []);
  const early = [...registry.slice(0, 9), ...scheduler.slice(0, 9)];
  assert.deepEqual(await kinds([...checkpoints, ...early, ending(null, to)]), []);
  assert.deepEqual(
    await kinds([...checkpoints, ...registry.slice(5, 9), ...scheduler.slice(5, 9), ending(from, to)]),
    [],
  );
});

const EDITED: readonly [string, readonly string[], RegExp][] = [
  [
    'a checkpoint behind the records it would be compared with',
    [...registry, ...checkpoints, ...scheduler, end],
    /line 13: a checkpoint/,
  ],
  ['a record behind the end', [...checkpoints, ...registry, end, ...scheduler], /line 16 stands behind its end/],
  ['a second end', [...checkpoints, ...registry, ...scheduler, end, ending(minute(9))], /behind its end/],
  ['no end', [...checkpoints, ...registry, ...scheduler], /broken off/],
];
for (const [name, lines, reason] of EDITED) test(`${name} is refused`, () => assert.rejects(verify(lines), reason));

const [r, s] = [registry, scheduler];
const FAULTY: readonly [string, readonly string[], readonly string[]][] = [
  ['no checkpoint', [...r, ...s, end], ['checkpoints 1 checkpoint-missing']],
  ['nothing at all', [end], ['checkpoints 1 checkpoint-missing']],
  ['a beginning cut off', [...checkpoints, ...r.slice(5), ...s, end], ['registry 1 missing']],
  [
    'a beginning cut off, and a range to excuse it',
    [...checkpoints, ...r.slice(8), ...s.slice(4), ending(minute(40))],
    ['registry 5 missing'],
  ],
  ['a partition left out', [...checkpoints, ...r, end], ['scheduler 1 truncated']],
  ['a partition left out, and a range', [...checkpoints, ...r.slice(3), ending(minute(40))], ['scheduler 5 truncated']],
  ['an end cut off', [...checkpoints, ...r.slice(0, 6), ...s, end], ['registry 7 truncated']],
  [
    'an end cut off, and a range to excuse it',
    [...checkpoints, ...r.slice(0, 6), ...s, ending(null, minute(125))],
    ['registry 7 truncated'],
  ],
  [
    'records of before the range',
    [...checkpoints, ...r.slice(2), ...s.slice(5), ending(minute(51))],
    ['registry 3 extra'],
  ],
  [
    'records of after the range',
    [...checkpoints, ...r, ...s.slice(0, 9), ending(null, minute(95))],
    ['registry 12 extra'],
  ],
  [
    'a part behind another past',
    [...checkpoints, ...rechained(r.slice(4)), ...s.slice(4), ending(minute(41))],
    ['registry 5 rewritten'],
  ],
];
for (const [name, lines, expected] of FAULTY) {
  test(`${name}: ${expected.join(', ')}`, async () => assert.deepEqual(await kinds(lines), expected));
}

/** With right hashes after another predecessor. */
function rechained(lines: readonly string[]): string[] {
  let previous: Buffer = Buffer.alloc(32, 7);
  return lines.map((text) => {
    const line = JSON.parse(text);
    const hash = linkHash(line.partition)(line.number, previous, line.body);
    const told = { ...line, previous: previous.toString('hex'), hash: hash.toString('hex') };
    previous = hash;
    return JSON.stringify(told);
  });
}

test('a part that begins right behind a head must follow that head', async () => {
  const from = minute(81);
  const part = [...rechained(r.slice(8)), ...s.slice(8)];
  assert.deepEqual(await kinds([...checkpoints, ...part, ending(from)]), ['registry 9 rewritten']);
});

test('a kept checkpoint must be in it, and be signed by the same key', async () => {
  const whole = [...checkpoints, ...registry, ...scheduler, end];
  const [first] = signed as [SignedCheckpoint];
  const changed = signCheckpoint({ ...first.checkpoint, records: 9 }, key);
  const later = signCheckpoint({ ...first.checkpoint, number: 7 }, key);
  assert.deepEqual(await kinds(whole, changed), ['checkpoints 1 witness']);
  assert.deepEqual(await kinds(whole, later), ['checkpoints 7 witness']);
  // The same text by somebody else's key, in every place.
  const foreign = exported(newSigningKey());
  assert.deepEqual(await kinds([...foreign.checkpoints, ...registry, ...scheduler, end]), [], 'control');
  assert.deepEqual(await kinds([...foreign.checkpoints, ...registry, ...scheduler, end], first), [
    'checkpoints 1 witness',
  ]);
});
