import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accept } from '#agent/desired/accept.ts';

const ME = 'm'.repeat(26);
const E1 = 'a'.repeat(26);
const E2 = 'b'.repeat(26);
const held = { epoch: E1, generation: 5, hash: 'h'.repeat(64) };
const offered = (node: string, epoch: string, generation: number, hash: string) => ({
  document: { node, epoch, generation },
  hash: hash.repeat(64),
});

// what arrives | with nothing held | with generation 5 of the first epoch held
const CASES = [
  ['the same again', offered(ME, E1, 5, 'h'), 'accept', 'same'],
  ['newer', offered(ME, E1, 6, 'x'), 'accept', 'accept'],
  ['much newer', offered(ME, E1, 500, 'x'), 'accept', 'accept'],
  ['older', offered(ME, E1, 4, 'x'), 'accept', 'older'],
  ['older, with the hash that is held', offered(ME, E1, 4, 'h'), 'accept', 'older'],
  ['same generation, other content', offered(ME, E1, 5, 'x'), 'accept', 'refuse'],
  ["a neighbour's", offered('n'.repeat(26), E1, 6, 'x'), 'refuse', 'refuse'],
  ['another epoch, further on', offered(ME, E2, 6, 'x'), 'accept', 'accept'],
  ['another epoch, not further', offered(ME, E2, 5, 'x'), 'accept', 'refuse'],
  ['another epoch, behind', offered(ME, E2, 4, 'x'), 'accept', 'refuse'],
] as const;

for (const [what, document, empty, full] of CASES) {
  test(`${what}: ${empty} when nothing is held, ${full} otherwise`, () => {
    assert.equal(accept(ME, null, document).kind, empty);
    assert.equal(accept(ME, held, document).kind, full);
  });
}

test('whatever arrives in whatever order, generations never go back', () => {
  const arrivals = fc.array(
    fc.tuple(fc.constantFrom(ME, 'n'.repeat(26)), fc.constantFrom(E1, E2), fc.nat(20), fc.constantFrom('x', 'y')),
  );
  fc.assert(
    fc.property(arrivals, (documents) => {
      let pointer: { epoch: string; generation: number; hash: string } | null = null;
      for (const [node, epoch, generation, hash] of documents) {
        const document = offered(node, epoch, generation, hash);
        if (accept(ME, pointer, document).kind !== 'accept') continue;
        assert.equal(node, ME);
        assert.ok(pointer === null || generation > pointer.generation);
        pointer = { epoch, generation, hash: document.hash };
      }
    }),
    { numRuns: 5000 },
  );
});
