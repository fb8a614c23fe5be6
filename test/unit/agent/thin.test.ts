// Which checkpoints a witness goes on holding.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Taken, thinned } from '#agent/audit/thin.ts';

const numbered = (number: number) => ({ checkpoint: { number } }) as Taken['signed'];
const numbers = (taken: readonly Taken[]) => taken.map(({ signed }) => signed.checkpoint.number);

function after(made: readonly number[], before: readonly Taken[] = []): Taken[] {
  let held = [...before];
  for (const number of made)
    held = thinned([...held, { signed: numbered(number), place: (held.at(-1)?.place ?? -1) + 1 }]);
  return held;
}
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);

test('the newest sixteen, and of those before ever fewer', () => {
  assert.deepEqual(numbers(after(upTo(16))), upTo(16));
  const held = numbers(after(upTo(1000)));
  assert.deepEqual(held.slice(-16), upTo(16, 985));
  assert.deepEqual(held.slice(0, 4), [256, 512, 640, 768]);
  assert.ok(held.length < 40, String(held));
});

test('nodes that took part since other times hold the same ones', () => {
  const [early, late] = [numbers(after(upTo(5000))), numbers(after(upTo(2000, 3001)))];
  assert.deepEqual(
    late,
    early.filter((number) => number > 3000),
  );
});

test('one of long ago is not pushed out by many new ones, whatever numbers they have', () => {
  const genuine = after(upTo(4096));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 30 }), (count, power) => {
      const forged = upTo(count).map((index) => 8192 + index * 2 ** power);
      const held = after(forged, genuine);
      assert.ok(held.length <= 64);
      // Control: it is not that nothing is ever dropped.
      if (count > 100) assert.ok(held.length < genuine.length + count);
      const left = numbers(held).filter((number) => number <= 4096);
      assert.ok(left.length >= 3, `${left} of ${numbers(genuine)}`);
    }),
    { numRuns: 40 },
  );
});
