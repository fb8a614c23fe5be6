// When a message is tried again, by a clock of the test's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isTargetAway, nextTry } from '#services/logs/notify/back-off.ts';

const HOUR = 3600_000;

/** Seconds between the tries of a target that never takes it. */
function waits(spread: number, retryAfter: number | null = null, status: number | null = null): number[] {
  const found: number[] = [];
  for (let now = 0, attempts = 1; ; attempts += 1) {
    const next = nextTry({ attempts, firstAt: 0, now, spread, retryAfter, status });
    if (next === null) return found;
    found.push((next - now) / 1000);
    now = next;
  }
}

test('waits grow from seconds to an hour, and end within a day', () => {
  const found = waits(0);
  assert.deepEqual(found.slice(0, 8), [5, 15, 60, 300, 900, 1800, 3600, 3600]);
  const total = found.reduce((sum, seconds) => sum + seconds, 0) * 1000;
  assert.ok(total > 22 * HOUR && total <= 24 * HOUR, `${total}`);
});

test('an address that is not there is given up within the hour', () => {
  for (const status of [404, 410]) {
    const total = waits(0, null, status).reduce((sum, seconds) => sum + seconds, 0);
    assert.ok(total > 1800 && total <= 3600, `${total}`);
  }
});

test('a target that refuses one message may take another', () => {
  const away = [null, 200, 400, 404, 413, 429, 500, 503].filter(isTargetAway);
  assert.deepEqual(away, [null, 429, 500, 503]);
});

test('what the target asks for is kept, up to an hour', () => {
  assert.equal(waits(0, 120)[0], 120);
  assert.equal(waits(0, 999_999)[0], 3600);
  assert.equal(waits(0, 1)[0], 5);
});

test('whatever the spread, a try is later than now, by a fifth at most, and within the day', () => {
  fc.assert(
    fc.property(
      fc.record({
        attempts: fc.integer({ min: 1, max: 1000 }),
        now: fc.integer({ min: 0, max: 30 * HOUR }),
        spread: fc.double({ min: 0, max: 0.999, noNaN: true }),
      }),
      (tried) => {
        const next = nextTry({ ...tried, firstAt: 0, retryAfter: null, status: null });
        if (next === null) return assert.ok(tried.now > 22 * HOUR);
        assert.ok(next > tried.now && next - tried.now <= 1.2 * HOUR && next <= 24 * HOUR);
      },
    ),
  );
});
