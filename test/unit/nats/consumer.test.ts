// What becomes of a message that could not be handled.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOffMs, isGivenUp } from '#infra/nats/consumer.ts';
import { OverseerError } from '#subjects/errors.ts';

test('it is tried five times, each after a longer wait', () => {
  const waits = [1, 2, 3, 4].map(backOffMs);
  assert.deepEqual(
    waits,
    waits.toSorted((a, b) => a - b),
  );
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6].map((count) => isGivenUp(new Error('no'), count)),
    [false, false, false, false, true, true],
  );
  assert.equal(isGivenUp(new OverseerError('invalid-input', 'no'), 5), true);
  assert.equal(isGivenUp(new OverseerError('too-large', 'no'), 1), true, 'trying again changes nothing');
});

test('a database that is away gives up no message, however often it came', () => {
  for (const code of ['unavailable', 'timeout'] as const) {
    assert.equal(isGivenUp(new OverseerError(code, 'away'), 1_000), false, code);
  }
});
