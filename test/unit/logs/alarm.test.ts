// When a condition is worth a message. Histories are told as text: `0 w` a turn for the worse at second 0, `90 look` the
// clock, and after the arrow what is said.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Alarm, lookedAt, newAlarm, type Rules, type Saying, turned } from '#services/logs/notify/alarm.ts';

const rules: Rules = {
  afterMs: 90_000,
  flaps: { count: 4, withinMs: 600_000 },
  steadyMs: 600_000,
  quietMs: 600_000,
};
const pulse: Rules = { ...rules, afterMs: null, flaps: { count: 5, withinMs: 600_000 } };

const TURNS = { w: 'worse', b: 'better', o: 'once' } as const;

interface Played {
  readonly alarm: Alarm;
  readonly said: readonly (Saying & { readonly at: number })[];
}

/** Looks at every due time in between, as the service does. */
function play(steps: readonly (readonly [second: number, what: 'w' | 'b' | 'o' | 'look'])[], by: Rules): Played {
  let alarm = newAlarm(0);
  const said: (Saying & { at: number })[] = [];
  const look = (now: number) => {
    while (alarm.dueAt !== null && alarm.dueAt <= now) {
      const at = alarm.dueAt;
      const step = lookedAt(alarm, at, by);
      alarm = step.alarm;
      if (step.saying) said.push({ ...step.saying, at });
    }
  };
  for (const [second, what] of steps) {
    const at = second * 1000;
    look(at);
    if (what === 'look') continue;
    const step = turned(alarm, TURNS[what], at, by);
    alarm = step.alarm;
    if (step.saying) said.push({ ...step.saying, at });
  }
  return { alarm, said };
}

function history(text: string): readonly (readonly [number, 'w' | 'b' | 'o' | 'look'])[] {
  return text.split(', ').map((step) => {
    const [second, what] = step.split(' ');
    return [Number(second), what as 'w'];
  });
}

const told = ({ said }: Played) =>
  said.map(({ at, what, count }) => `${at / 1000} ${what}${count > 1 ? ` x${count}` : ''}`).join(', ');

const CASES: readonly [name: string, by: Rules, steps: string, said: string][] = [
  ['short is not told', rules, '0 w, 60 b, 2000 look', ''],
  ['what lasts is told, and its end', rules, '0 w, 200 b', '90 worse, 200 better'],
  ['told twice is one turn', rules, '0 w, 30 w, 500 look', '90 worse'],
  ['short ones are counted in the next', rules, '0 w, 10 b, 700 w, 710 b, 1400 w, 1600 look', '1490 worse x3'],
  ['four within ten minutes flap', rules, '0 w, 5 b, 10 w, 15 b, 20 w, 25 b, 30 w, 35 b', '30 flapping x4'],
  [
    'and are steady once they rest',
    rules,
    '0 w, 5 b, 10 w, 15 b, 20 w, 25 b, 30 w, 35 b, 900 look',
    '30 flapping x4, 635 steady',
  ],
  [
    'steady may mean down',
    rules,
    '0 w, 5 b, 10 w, 15 b, 20 w, 25 b, 30 w, 900 look, 1000 b',
    '30 flapping x4, 630 steady, 1000 better',
  ],
  ['the same alert waits for its quiet time', rules, '0 w, 100 b, 200 w, 1000 look', '90 worse, 100 better, 690 worse'],
  [
    'an end within the quiet time takes back nothing that was said',
    rules,
    '0 w, 100 b, 200 w, 400 b, 900 look',
    '90 worse, 100 better',
  ],
  ['deaths are told by their number alone', pulse, '0 w, 1 b, 100 w, 101 b, 5000 look', ''],
  ['five deaths are told', pulse, '0 w, 1 b, 9 w, 10 b, 19 w, 20 b, 29 w, 30 b, 39 w, 40 b', '39 flapping x5'],
  ['deaths without a start between count', pulse, '0 w, 1 w, 2 w, 3 w, 4 w, 900 look', '4 flapping x5, 604 steady'],
  [
    'what has no end is told at once, then gathered',
    rules,
    '0 o, 10 o, 20 o, 700 look, 1300 o',
    '0 once, 600 once x2, 1300 once',
  ],
  ['late ones count and change nothing', rules, '100 w, 120 b, 110 w, 900 look', ''],
];

describe('alarms', () => {
  for (const [name, by, steps, said] of CASES) {
    test(name, () => assert.equal(told(play(history(steps), by)), said));
  }

  test('forty flaps are one message, and one more when it is steady', () => {
    const flaps = Array.from({ length: 40 }, (_, i) => [[i * 20, 'w'] as const, [i * 20 + 10, 'b'] as const]).flat();
    const { said } = play([...flaps, [5000, 'look']], rules);
    assert.deepEqual(
      said.map(({ what, count }) => [what, count]),
      [
        ['flapping', 4],
        ['steady', 36],
      ],
    );
  });
});

const seconds = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.constantFrom('w', 'b', 'w', 'b', 'look')), {
  maxLength: 120,
});
const anyRules = fc.record({
  afterMs: fc.constantFrom(0, 30_000, 90_000),
  flaps: fc.record({ count: fc.integer({ min: 2, max: 6 }), withinMs: fc.constantFrom(60_000, 600_000) }),
  steadyMs: fc.constantFrom(10_000, 600_000),
  quietMs: fc.constantFrom(0, 60_000, 600_000),
});

function steps(gaps: readonly (readonly [number, string])[]) {
  let at = 0;
  return gaps.map(([gap, what]) => {
    at += gap;
    return [at, what as 'w'] as const;
  });
}

describe('whatever happens', () => {
  test('every turn for the worse is told or counted, and none twice', () => {
    fc.assert(
      fc.property(seconds, anyRules, (gaps, by) => {
        const happened = steps(gaps);
        let standing = 'b';
        let turns = 0;
        for (const [, what] of happened) {
          if (what === 'w' && standing === 'b') turns += 1;
          if (what !== ('look' as string)) standing = what;
        }
        const { said, alarm } = play(happened, by);
        assert.equal(said.reduce((sum, { count }) => sum + count, 0) + alarm.untold, turns);
      }),
    );
  });

  test('two alerts of one kind keep their quiet time', () => {
    fc.assert(
      fc.property(seconds, anyRules, (gaps, by) => {
        const alerts = play(steps(gaps), by).said.filter(({ what }) => what === 'worse');
        for (const [index, { at }] of alerts.slice(1).entries()) {
          assert.ok(at - (alerts[index]?.at ?? 0) >= by.quietMs, `${at}`);
        }
      }),
    );
  });

  test('flapping is said once until it is said to be steady', () => {
    fc.assert(
      fc.property(seconds, anyRules, (gaps, by) => {
        const changes = play(steps(gaps), by).said.filter(({ what }) => what === 'flapping' || what === 'steady');
        for (const [index, { what }] of changes.entries()) assert.equal(what, index % 2 === 0 ? 'flapping' : 'steady');
      }),
    );
  });

  test('after a long rest what was said last is how it stands', () => {
    fc.assert(
      fc.property(seconds, anyRules, (gaps, by) => {
        const happened = steps(gaps);
        const end = (happened.at(-1)?.[0] ?? 0) + 10_000;
        const { said, alarm } = play([...happened, [end, 'look']], by);
        assert.equal(alarm.told, alarm.standing);
        assert.equal(alarm.dueAt, null);
        const last = said.at(-1);
        if (last) assert.equal(last.what === 'steady' ? last.standing : last.what, alarm.standing);
      }),
    );
  });
});
