// Liveness as a model: heartbeats, silence, stalls of the core and restarts, in notation of seconds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { read, startClock } from '#services/registry/held-clock.ts';
import { newPulse, next, type Pulse } from '#services/registry/liveness.ts';

const INTERVAL_MS = 10_000;

/** `0♥ 35? 95?`: heartbeat at 0 s, looks at 35 s and 95 s; `0~` is a grace. Answers what each look saw. */
function seen(script: string, pulse: Pulse = newPulse('pending', INTERVAL_MS)): string {
  let current = pulse;
  let sequence = 0;
  const looks: string[] = [];
  for (const word of script.split(' ')) {
    const at = Number(word.slice(0, -1)) * 1000;
    const bootId = 'boot';
    if (word.endsWith('♥')) {
      current = next(current, { type: 'heartbeat', at, intervalMs: INTERVAL_MS, bootId, sequence: sequence++ });
    } else if (word.endsWith('~')) {
      current = next(current, { type: 'grace', at });
    } else {
      current = next(current, { type: 'tick', at });
      looks.push(current.liveness);
    }
  }
  return looks.join(' ');
}

const online = newPulse('online', INTERVAL_MS);

const CASES: readonly [string, string, string][] = [
  ['one that was never heard stays pending', '0? 600?', 'pending pending'],
  ['silence: suspect after 30 s, offline after 90 s', '0♥ 29? 30? 89? 90?', 'online suspect suspect offline'],
  ['a heartbeat makes it online at once', '0♥ 95? 96♥ 97?', 'offline online'],
  ['late heartbeats within 30 s change nothing', '0♥ 29♥ 58♥ 80?', 'online'],
];
for (const [name, script, expected] of CASES) test(name, () => assert.equal(seen(script), expected));

test('after a restart a node known online stays so for a minute, and only then is judged', () => {
  assert.equal(seen('0~ 59? 60? 119? 120?', online), 'online suspect suspect offline');
});

test('after a restart the first heartbeat counts as usual', () => {
  assert.equal(seen('0~ 5♥ 34? 35?', online), 'online suspect');
});

test('after a restart a node known offline stays offline until it is heard', () => {
  assert.equal(seen('0~ 30? 100? 101♥ 102?', newPulse('offline', INTERVAL_MS)), 'offline offline online');
});

test('the limits follow the interval of the node', () => {
  const beat = { type: 'heartbeat', at: 0, intervalMs: 1000, bootId: 'b', sequence: 0 } as const;
  const heard = next(newPulse('pending', INTERVAL_MS), beat);
  assert.equal(next(heard, { type: 'tick', at: 3000 }).liveness, 'suspect');
  assert.equal(next(heard, { type: 'tick', at: 9000 }).liveness, 'offline');
});

test('a heartbeat that lagged behind a newer one says nothing', () => {
  const beat = { type: 'heartbeat', intervalMs: INTERVAL_MS, bootId: 'b' } as const;
  const heard = next(newPulse('pending', INTERVAL_MS), { ...beat, at: 0, sequence: 7 });
  assert.equal(next(heard, { ...beat, at: 60_000, sequence: 6 }), heard);
  assert.equal(next(heard, { ...beat, at: 60_000, sequence: 0, bootId: 'c' }).heardAt, 60_000);
});

test('a stall of the core and time without the bus do not count', () => {
  let clock = startClock(1000);
  clock = read(clock, 2000, true);
  assert.equal(clock.now, 1000);
  clock = read(clock, 22_000, true);
  assert.equal(clock.now, 1000, 'the event loop stood still for 20 s');
  clock = read(clock, 23_000, false);
  assert.equal(clock.now, 1000, 'the bus was gone');
  clock = read(clock, 24_000, true);
  assert.equal(clock.now, 2000);
});

test('whatever happens to the core, a node that beats every interval is never offline', () => {
  const stalls = fc.array(fc.record({ second: fc.nat(600), forMs: fc.integer({ min: 6000, max: 120_000 }) }));
  fc.assert(
    fc.property(stalls, (found) => {
      let clock = startClock(0);
      let pulse = newPulse('online', INTERVAL_MS);
      let wall = 0;
      let sequence = 0;
      for (let second = 0; second < 600; second++) {
        const stall = found.find((one) => one.second === second);
        wall += stall?.forMs ?? 1000;
        clock = read(clock, wall, true);
        // What arrived during a stall is read after it.
        const at = clock.now;
        pulse = next(pulse, { type: 'tick', at });
        assert.notEqual(pulse.liveness, 'offline');
        if (stall !== undefined || second % 10 === 0) {
          pulse = next(pulse, { type: 'heartbeat', at, intervalMs: INTERVAL_MS, bootId: 'b', sequence: sequence++ });
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('control: with a clock that is never held, a stall of 100 s makes such a node offline', () => {
  const beat = { type: 'heartbeat', at: 0, intervalMs: INTERVAL_MS, bootId: 'b', sequence: 0 } as const;
  const heard = next(newPulse('online', INTERVAL_MS), beat);
  assert.equal(next(heard, { type: 'tick', at: 100_000 }).liveness, 'offline');
});
