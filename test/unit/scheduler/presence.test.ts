import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isGone, type Presence, presenceOf, type Signs } from '#services/scheduler/presence.ts';

const HERE: Signs = { liveness: 'online', paused: false, engineSilentMs: null };
const TABLE: readonly [signs: Partial<Signs>, presence: Presence, isAway: boolean][] = [
  [{}, 'online', false],
  [{ liveness: 'suspect' }, 'suspect', false],
  [{ liveness: 'offline' }, 'offline', true],
  [{ liveness: 'pending' }, 'offline', true],
  [{ liveness: null }, 'offline', true],
  [{ paused: true }, 'paused', true],
  [{ paused: true, liveness: 'suspect' }, 'paused', true],
  [{ paused: true, liveness: 'offline' }, 'offline', true],
  [{ engineSilentMs: 0 }, 'suspect', false],
  [{ engineSilentMs: 89_999 }, 'suspect', false],
  [{ engineSilentMs: 90_000 }, 'unresponsive', true],
  [{ engineSilentMs: 90_000, liveness: 'offline' }, 'offline', true],
];

describe('whether a node could carry out a change now', () => {
  for (const [signs, presence, isAway] of TABLE) {
    test(`${JSON.stringify(signs)} -> ${presence}`, () => {
      assert.equal(presenceOf({ ...HERE, ...signs }), presence);
      assert.equal(isGone(presence), isAway);
    });
  }
});
