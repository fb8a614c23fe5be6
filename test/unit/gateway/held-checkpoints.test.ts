// What the nodes hold, as the verification takes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signCheckpoint } from '#infra/audit/checkpoint.ts';
import { newId } from '#infra/ids.ts';
import { newSigningKey } from '#infra/signing/ed25519.ts';
import { gatherHeld } from '#services/gateway/live/audit-verification.ts';
import type { SignedCheckpoint, Witness } from '#subjects/schema/checkpoint.ts';

const key = newSigningKey();
function signed(number: number, by = key): SignedCheckpoint {
  const at = '2026-01-01T00:00:00.000Z';
  const [previous, root] = ['0', 'a'].map((digit) => digit.repeat(64)) as [string, string];
  return signCheckpoint({ kind: 'checkpoint', number, at, previous, root, partitions: 1, records: number }, by);
}
const [one, two] = [signed(1), signed(2)] as const;
const holding = (held: readonly SignedCheckpoint[], conflict: string | null = null): Witness => {
  return { kind: 'witness', key: one.key, held: [...held], conflict };
};

test('what several hold is asked for once, with five of those who hold it', () => {
  const nodes = Array.from({ length: 8 }, () => newId());
  const { held, claims } = gatherHeld(new Map(nodes.map((node) => [node, holding([one, two])])));
  assert.deepEqual(held, [
    { checkpoint: one, holders: nodes.slice(0, 5) },
    { checkpoint: two, holders: nodes.slice(0, 5) },
  ]);
  assert.deepEqual(claims, []);
});

test('what nobody signed is a claim, and so is what a node only says', () => {
  const [honest, liar, other] = [newId(), newId(), newId()] as const;
  const torn = { ...two, checkpoint: { ...two.checkpoint, root: 'b'.repeat(64) } };
  const witnesses = new Map([
    [liar, holding([torn, one], 'it was set back')],
    [other, holding([torn])],
    [honest, holding([one])],
  ]);
  const { held, claims } = gatherHeld(witnesses);
  assert.deepEqual(held, [{ checkpoint: one, holders: [liar, honest] }]);
  assert.deepEqual(claims, [
    { node: liar, detail: 'it was set back' },
    { node: liar, detail: 'holds 1 that nobody signed' },
    { node: other, detail: 'holds 1 that nobody signed' },
  ]);
});

test('those of another key are compared: after the key was replaced with the history, they are the proof', () => {
  const before = signed(3, newSigningKey());
  const { held, claims } = gatherHeld(new Map([[newId(), holding([before, one])]]));
  assert.deepEqual([held.map(({ checkpoint }) => checkpoint), claims], [[before, one], []]);
});

test('a thousand lies make a hundred claims', () => {
  const torn = { ...two, signature: 'A'.repeat(86) };
  const many = new Map(Array.from({ length: 1_000 }, () => [newId(), holding([torn], 'so it is')]));
  const { held, claims } = gatherHeld(many);
  assert.deepEqual([held.length, claims.length], [0, 100]);
});
