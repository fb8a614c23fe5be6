import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decide, type Member, plannedBatches, type Rollout, type Standing } from '#services/scheduler/batches.ts';

const STATES = {
  held: 'held',
  ok: 'succeeded',
  bad: 'failed',
  undone: 'rolled-back',
  runs: 'progressing',
  sent: 'pending',
  gone: 'superseded',
} as const;
const NOW = 100_000;

/** `a:ok1 b:runs2 c:held d:held!`: node, state, batch; `!` is offline, `?` suspect, `p` was parked. */
function membersIn(text: string): Member[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [, node = '', state = '', batch = '', mark = ''] = /^(\w+):([a-z]+?)(\d*)([!?p]?)$/.exec(word) ?? [];
      return {
        node,
        state: STATES[state as keyof typeof STATES],
        batch: Number(batch || 1),
        liveness: mark === '!' ? 'offline' : mark === '?' ? 'suspect' : 'online',
        parked: mark === '!' || mark === 'p',
        finishedAt: state === 'ok' || state === 'bad' || state === 'undone' ? NOW - 10_000 : null,
      };
    });
}

const SIMPLE: Rollout = { batch: null, maxUnavailable: null, pauseSeconds: 0, gate: 'healthy' };

/** `2`, `25%`, `2 max3`, `2 pause30`, `2 manual`, `- max2`. */
function rolloutIn(text: string): Rollout {
  const [batch = '-', ...words] = text.split(' ');
  const number = (name: string) => Number(words.find((word) => word.startsWith(name))?.slice(name.length) ?? 0);
  return {
    batch: batch === '-' ? null : batch.endsWith('%') ? batch : Number(batch),
    maxUnavailable: number('max') || null,
    pauseSeconds: number('pause'),
    gate: words.includes('manual') ? 'manual' : 'healthy',
  };
}

function decided(rollout: string, members: string, given: Partial<Standing> = {}): string {
  const standing = { members: membersIn(members), approvedBatch: 0, cancelled: false, waitsFor: null, now: NOW };
  const decision = decide({ rollout: rolloutIn(rollout), ...standing, ...given });
  if (decision.stopped !== null) return decision.stopped;
  if (decision.release.length > 0) return `${decision.release.join(',')} in ${decision.batch}`;
  return decision.reason ?? '';
}

const TABLE: readonly [what: string, rollout: string, members: string, expected: string, given?: Partial<Standing>][] =
  [
    ['without batches: all at once', '-', 'b:held a:held c:held!', 'a,b,c in 1'],
    ['one node first', '2', 'c:held b:held a:held', 'a in 1'],
    ['nothing while it runs', '2', 'a:runs1 b:held c:held d:held', 'batch 1 of 3'],
    ['then a batch', '2', 'a:ok1 b:held c:held d:held', 'b,c in 2'],
    ['then the rest', '2', 'a:ok1 b:ok2 c:ok2 d:held', 'd in 3'],
    ['a share of all', '50%', 'a:ok1 b:held c:held d:held', 'b,c in 2'],
    ['a share is never nothing', '1%', 'a:ok1 b:held c:held', 'b in 2'],
    ['stops when the first fails', '2', 'a:bad1 b:held c:held', 'stopped after batch 1 of 2: 1 node failed'],
    ['stops when it was undone', '2', 'a:undone1 b:held c:held', 'stopped after batch 1 of 2: 1 node rolled back'],
    ['stops while others run', '2', 'a:ok1 b:bad2 c:runs2 d:held', 'stopped after batch 2 of 3: 1 node failed'],
    [
      'an operator stops it',
      '2',
      'a:ok1 b:held',
      'stopped after batch 1 of 2: an operator cancelled it',
      { cancelled: true },
    ],
    [
      'stopped before it began',
      '2',
      'a:held',
      'stopped before the first batch: an operator cancelled it',
      { cancelled: true },
    ],
    ['a failure that is allowed', '2 max2', 'a:bad1 b:held c:held', 'b in 2'],
    ['as many failures as are allowed', '2 max2', 'a:bad1 b:bad2 c:held', 'stopped after batch 2 of 2: 2 nodes failed'],
    ['fewer at once than a batch has', '4 max2', 'a:ok1 b:held c:held d:held e:held', 'b,c in 2'],
    ['the batch goes on as they end', '4 max2', 'a:ok1 b:ok2 c:runs2 d:held e:held', 'd in 2'],
    ['without batches, a few at a time', '- max2', 'a:ok1 b:runs1 c:held d:held', 'c in 1'],
    ['one that is away is passed over', '1', 'a:held! b:held c:held', 'b in 1'],
    ['a dead one holds nobody up', '1', 'a:ok1 b:runs2! c:held', 'c in 3'],
    ['after a dead canary another one', '2', 'a:runs1! b:held c:held', 'b in 2'],
    ['who may be away is waited for', '1', 'a:runs1? b:held', 'batch 1 of 2'],
    ['who is away gets it after the others', '2', 'a:ok1 b:ok2 c:held! d:held!', 'c,d in 2'],
    ['but not before they are done', '2', 'a:ok1 b:runs2 c:held!', 'batch 2 of 2'],
    ['never as the first of all', '2', 'a:held! b:held!', 'waiting for 2 nodes that are offline'],
    ['nor when it was stopped', '2', 'a:ok1 b:bad2 c:held!', 'stopped after batch 2 of 2: 1 node failed'],
    ['who came back joins at the end', '1', 'a:heldp b:ok1 c:held', 'c in 2'],
    ['a word is waited for', '2 manual', 'a:ok1 b:held c:held', 'batch 2 of 2 awaits approval'],
    ['but not for the first batch', '2 manual', 'a:held b:held', 'a in 1'],
    ['it was said', '2 manual', 'a:ok1 b:held c:held', 'b,c in 2', { approvedBatch: 2 }],
    ['of the batch before', '1 manual', 'a:ok1 b:ok2 c:held', 'batch 3 of 3 awaits approval', { approvedBatch: 2 }],
    ['a pause', '1 pause30', 'a:ok1 b:held', 'pauses before batch 2 of 2'],
    ['that is over', '1 pause10', 'a:ok1 b:held', 'b in 2'],
    ['that a word ends', '1 pause30', 'a:ok1 b:held', 'b in 2', { approvedBatch: 2 }],
    ['other stacks first', '2', 'a:held', 'waits for stack db', { waitsFor: 'waits for stack db' }],
    ['only before it began', '1', 'a:ok1 b:held', 'b in 2', { waitsFor: 'waits for stack db' }],
    ['who left counts no more', '1', 'a:gone1 b:held', 'b in 1'],
  ];

describe('who goes next', () => {
  for (const [what, rollout, members, expected, given] of TABLE) {
    test(`${what}: ${rollout} of ${members} -> ${expected}`, () => {
      assert.equal(decided(rollout, members, given), expected);
    });
  }

  test('what is planned is what comes', () => {
    const nodes = ['c', 'a', 'e', 'b', 'd', 'f'].map((node) => ({ node, parked: node === 'a' }));
    const planned = plannedBatches(rolloutIn('2'), nodes);
    assert.deepEqual([...planned].sort(), [
      ['a', 3],
      ['b', 1],
      ['c', 2],
      ['d', 2],
      ['e', 3],
      ['f', 3],
    ]);
    assert.deepEqual(new Set(plannedBatches(SIMPLE, nodes).values()), new Set([1]));
  });
});

interface Run {
  readonly members: Member[];
  readonly order: string[];
}

/** Plays a rollout to its end: each round releases, then the outcomes of what is under way come in as `outcomes` says. */
function played(rollout: Rollout, members: Member[], outcomes: readonly boolean[], check: (m: Member[]) => void): Run {
  const order: string[] = [];
  let at = members;
  let turn = 0;
  for (let round = 0; round < 4 * members.length + 4; round += 1) {
    if (!at.some(({ state }) => state === 'held')) break;
    const standing = { rollout, members: at, approvedBatch: 0, cancelled: false, waitsFor: null, now: NOW };
    const decision = decide(standing);
    assert.deepEqual(
      decide({ ...standing, members: at.toReversed() }),
      decision,
      'the same, in whatever order it is told',
    );
    if (decision.stopped !== null) break;
    const going = new Set(decision.release);
    order.push(...decision.release);
    at = at.map((member) =>
      going.has(member.node) ? { ...member, state: 'progressing', batch: decision.batch } : member,
    );
    if (going.size > 0) check(at);
    const first = at.find(({ state, liveness }) => state === 'progressing' && liveness === 'online');
    const isGood = outcomes[turn % Math.max(1, outcomes.length)] ?? true;
    if (first) turn += 1;
    at = at.map((member) =>
      member === first ? { ...member, state: isGood ? 'succeeded' : 'failed', finishedAt: NOW } : member,
    );
  }
  return { members: at, order };
}

describe('whatever the fleet is like', () => {
  const fleet = fc
    .array(fc.constantFrom('online' as const, 'online' as const, 'offline' as const), { minLength: 1, maxLength: 30 })
    .map((all) =>
      all.map(
        (liveness, index): Member => ({
          node: `n${String(index).padStart(2, '0')}`,
          state: 'held',
          batch: 1,
          liveness,
          parked: liveness === 'offline',
          finishedAt: null,
        }),
      ),
    );
  const rollout = fc.record({
    batch: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 8 }), fc.constantFrom('10%', '25%', '100%')),
    maxUnavailable: fc.option(fc.integer({ min: 1, max: 8 })),
    pauseSeconds: fc.constant(0),
    gate: fc.constant('healthy' as const),
  });
  const isUnderWay = ({ state, liveness }: Member) => state === 'progressing' && liveness !== 'offline';

  test('never more under way and failed than allowed when somebody goes; the first is one', () => {
    fc.assert(
      fc.property(rollout, fleet, fc.array(fc.boolean(), { maxLength: 10 }), (strategy, members, outcomes) => {
        let isFirst = true;
        played(strategy, members, outcomes, (at) => {
          const failed = at.filter(({ state }) => state === 'failed').length;
          const limit = strategy.maxUnavailable;
          if (limit !== null) assert.ok(at.filter(isUnderWay).length + failed <= limit);
          else assert.equal(failed, 0, 'nobody goes after a failure');
          if (isFirst && strategy.batch !== null) assert.equal(at.filter(({ state }) => state !== 'held').length, 1);
          isFirst = false;
        });
      }),
      { numRuns: 1000 },
    );
  });

  test('when nothing fails everybody goes, once, in the order of ids, those that are away last', () => {
    fc.assert(
      fc.property(rollout, fleet, (strategy, members) => {
        const { order } = played(strategy, members, [true], () => {});
        const online = members.filter(({ liveness }) => liveness === 'online').map(({ node }) => node);
        const away = members.filter(({ liveness }) => liveness !== 'online').map(({ node }) => node);
        const expected = online.length === 0 && strategy.batch !== null ? [] : [...online, ...away];
        assert.deepEqual(order, expected);
      }),
      { numRuns: 1000 },
    );
  });
});
