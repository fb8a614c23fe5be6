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

const TURNS = { w: 'worse', b: 'better', e: 'ended', o: 'once' } as const;
type What = keyof typeof TURNS | 'look';

interface Played {
  readonly alarm: Alarm;
  readonly said: readonly (Saying & { readonly at: number })[];
}

/** Looks at every due time in between, as the service does. */
function play(steps: readonly (readonly [second: number, what: What])[], by: Rules): Played {
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
    const step = turned(alarm, TURNS[what], { at, happenedAt: at }, by);
    alarm = step.alarm;
    if (step.saying) said.push({ ...step.saying, at });
  }
  return { alarm, said };
}

function history(text: string): readonly (readonly [number, What])[] {
  return text.split(', ').map((step) => {
    const [second, what] = step.split(' ');
    return [Number(second), what as What];
  });
}

const told = ({ said }: Played) =>
  said
    .map(({ at, what, count, standing }) => {
      const how = what === 'steady' && standing !== 'better' ? ` ${standing}` : '';
      return `${at / 1000} ${what}${how}${count > 1 ? ` x${count}` : ''}`;
    })
    .join(', ');

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
    '30 flapping x4, 630 steady worse, 1000 better',
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
  [
    'deaths without a start between count',
    pulse,
    '0 w, 1 w, 2 w, 3 w, 4 w, 900 look',
    '4 flapping x5, 604 steady worse',
  ],
  [
    'what has no end is told at once, then gathered',
    rules,
    '0 o, 10 o, 20 o, 700 look, 1300 o',
    '0 once, 600 once x2, 1300 once',
  ],
  ['late ones count and change nothing', rules, '100 w, 120 b, 110 w, 900 look', ''],
  ['a late one behind what was well all along changes nothing', rules, '100 b, 200 b, 150 w, 900 look', ''],
  ['a late end of an earlier turn ends nothing', rules, '100 w, 130 w, 120 b, 500 look', '190 worse'],
  ['what was bad and is no more is never told as good', rules, '0 w, 200 e, 2000 look', '90 worse, 200 ended'],
  ['it ends once, and is good when it is', rules, '0 w, 200 e, 201 e, 300 b', '90 worse, 200 ended, 300 better'],
  ['what ends before it was told is not told', rules, '0 w, 60 e, 2000 look', ''],
  ['what was good ends without a word', rules, '0 b, 60 e, 2000 look', ''],
  ['it may be bad anew', rules, '0 w, 200 e, 1000 w, 1200 look', '90 worse, 200 ended, 1090 worse'],
  ['short ones after its end are not told as ends', rules, '0 w, 200 e, 1000 w, 1010 e', '90 worse, 200 ended'],
  [
    'what flapped and is no more is not steady as good',
    rules,
    '0 w, 5 b, 10 w, 15 b, 20 w, 25 b, 30 w, 35 b, 36 e, 900 look',
    '30 flapping x4, 636 steady ended',
  ],
  [
    'deaths that end in one that stays are told as that, and a start after it',
    pulse,
    '0 w, 1 b, 9 w, 10 b, 19 w, 20 b, 29 w, 30 b, 39 w, 900 look, 1000 b',
    '39 flapping x5, 639 steady worse, 1000 better',
  ],
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

const seconds = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.constantFrom('w', 'b', 'w', 'b', 'e', 'look')), {
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
    return [at, what as What] as const;
  });
}

test('what was heard of at once flaps by when it happened, in either order of clocks', () => {
  const heardAtOnce = (apartMs: number) => {
    let alarm = newAlarm(0);
    const said: string[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      for (const what of ['worse', 'better'] as const) {
        const step = turned(alarm, what, { at: 9e6, happenedAt: turn * apartMs }, rules);
        alarm = step.alarm;
        if (step.saying) said.push(step.saying.what);
      }
    }
    return said;
  };
  assert.deepEqual(heardAtOnce(1_000_000), []);
  assert.deepEqual(heardAtOnce(1_000), ['flapping']);
});

describe('whatever happens', () => {
  test('what is no more is never told as good', () => {
    fc.assert(
      fc.property(seconds, anyRules, (gaps, by) => {
        const happened = steps(gaps.map(([gap, what]) => [gap + 1, what] as const));
        const standingAt = (at: number) =>
          happened.findLast(([second, what]) => what !== 'look' && second * 1000 < at)?.[1] ?? 'b';
        for (const { at, what, standing } of play(happened, by).said) {
          // A turn is told at its own time, so it stands a moment later.
          if (what === 'better') assert.notEqual(standingAt(at + 1), 'e');
          if (what === 'steady' && standing === 'better') assert.notEqual(standingAt(at), 'e');
        }
      }),
    );
  });

  test('every turn for the worse is told or counted, and none twice', () => {
    fc.assert(
      fc.property(seconds, anyRules, (gaps, by) => {
        const happened = steps(gaps);
        let standing: What = 'b';
        let turns = 0;
        for (const [, what] of happened) {
          if (what === 'w' && standing !== 'w') turns += 1;
          if (what !== 'look') standing = what;
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
        // What ended before anybody was told of it, nobody is told of.
        const isSilent = alarm.standing === 'ended' && alarm.told === 'better';
        if (!isSilent) assert.equal(alarm.told, alarm.standing);
        assert.equal(alarm.dueAt, null);
        const last = said.at(-1);
        if (last && !isSilent) assert.equal(last.what === 'steady' ? last.standing : last.what, alarm.standing);
      }),
    );
  });
});
