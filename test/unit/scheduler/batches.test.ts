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

const PRESENCE: Readonly<Record<string, Member['presence']>> = {
  '!': 'offline',
  '?': 'suspect',
  '-': 'paused',
  x: 'unresponsive',
};

/** `a:ok1 b:runs2 c:held d:held!`: node, state, batch; `!` offline, `?` suspect, `-` paused, `x` no engine, `p` was parked. */
function membersIn(text: string): Member[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [, node = '', state = '', batch = '', mark = ''] = /^(\w+):([a-wyz]+?)(\d*)([!?xp-]?)$/.exec(word) ?? [];
      return {
        node,
        state: STATES[state as keyof typeof STATES],
        batch: Number(batch || 1),
        presence: PRESENCE[mark] ?? 'online',
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
    ['who may be away is passed over', '1', 'a:ok1 b:held? c:held', 'c in 2'],
    ['who is away gets nothing in advance', '2', 'a:ok1 b:ok2 c:held! d:held!', 'waiting for 2 nodes that are offline'],
    ['nor while the others are not done', '2', 'a:ok1 b:runs2 c:held!', 'batch 2 of 2'],
    ['nor as the first of all', '2', 'a:held! b:held!', 'waiting for 2 nodes that are offline'],
    ['nor when only few may be unavailable', '- max2', 'a:ok1 b:held! c:held!', 'waiting for 2 nodes that are offline'],
    [
      'nor when all others are silent for a while',
      '2',
      'a:ok1 b:held? c:held?',
      'waiting for 2 nodes that are suspect',
    ],
    [
      'each is named',
      '1',
      'a:ok1 b:held! c:held? d:held- e:held-',
      'waiting for 4 nodes: 1 offline, 1 suspect, 2 paused',
    ],
    ['a fleet that comes back goes in batches', '2', 'a:ok1 b:ok2 c:ok2 d:heldp e:heldp f:heldp', 'd,e in 3'],
    ['and joins a batch that is not full', '3', 'a:ok1 b:ok2 c:heldp d:heldp e:heldp f:held!', 'c,d in 2'],
    ['a paused node blocks nobody', '1', 'a:ok1 b:runs2- c:held', 'c in 3'],
    ['nor one whose engine is dead', '1', 'a:ok1 b:sent2x c:held', 'c in 3'],
    ['nor gets it', '1', 'a:held- b:heldx c:held', 'c in 1'],
    ['a paused one', '1', 'a:ok1 b:held-', 'waiting for 1 node that is paused'],
    ['one without its engine', '1', 'a:ok1 b:heldx', 'waiting for 1 node that is without an engine that answers'],
    [
      'the word is asked for though all are silent',
      '9 manual',
      'a:ok1 b:held? c:held?',
      'batch 2 of 2 awaits approval',
    ],
    ['and though all are away', '9 manual', 'a:ok1 b:held! c:held!', 'batch 2 of 2 awaits approval'],
    [
      'given, it waits for them',
      '9 manual',
      'a:ok1 b:held!',
      'waiting for 1 node that is offline',
      { approvedBatch: 2 },
    ],
    ['the pause is kept though all are away', '9 pause30', 'a:ok1 b:held! c:held!', 'pauses before batch 2 of 2'],
    [
      'who comes back needs a word too',
      '1 manual',
      'a:ok1 b:ok2 c:heldp',
      'batch 3 of 3 awaits approval',
      { approvedBatch: 2 },
    ],
    ['unless its batch has it', '2 manual', 'a:ok1 b:ok2 c:heldp', 'c in 2', { approvedBatch: 2 }],
    ['a word asks for no pause', '1 manual pause30', 'a:ok1 b:held', 'b in 2', { approvedBatch: 2 }],
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

const ROLLOUT = fc.record({
  batch: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 8 }), fc.constantFrom('10%', '25%', '100%')),
  maxUnavailable: fc.option(fc.integer({ min: 1, max: 8 })),
  pauseSeconds: fc.constantFrom(0, 0, 20),
  gate: fc.constantFrom('healthy' as const, 'healthy' as const, 'manual' as const),
});
const PRESENCES = fc.constantFrom<Member['presence']>(
  'online',
  'online',
  'online',
  'suspect',
  'offline',
  'paused',
  'unresponsive',
);

function fleetOf(presences: readonly Member['presence'][]): Member[] {
  return presences.map((presence, index) => ({
    node: `n${String(index).padStart(2, '0')}`,
    state: 'held',
    batch: 1,
    presence,
    parked: presence === 'offline',
    finishedAt: null,
  }));
}

/** What happens between two looks at a rollout. `index` is of a node, counted round. */
type Happening =
  | { readonly type: 'presence'; readonly index: number; readonly presence: Member['presence'] }
  | { readonly type: 'outcome'; readonly index: number; readonly isGood: boolean }
  | { readonly type: 'word' }
  | { readonly type: 'time'; readonly seconds: number };

const HAPPENING: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ type: fc.constant('presence' as const), index: fc.nat(99), presence: PRESENCES }),
  fc.record({ type: fc.constant('outcome' as const), index: fc.nat(99), isGood: fc.boolean() }),
  fc.record({ type: fc.constant('outcome' as const), index: fc.nat(99), isGood: fc.constant(true) }),
  fc.constant({ type: 'word' as const }),
  fc.record({ type: fc.constant('time' as const), seconds: fc.integer({ min: 1, max: 15 }) }),
);

const isOpen = ({ state }: Member) => state === 'progressing';
const isThere = ({ presence }: Member) => presence === 'online' || presence === 'suspect';

function happened(standing: Standing, what: Happening, nextBatch: number): Standing {
  const { members, now } = standing;
  const change = (node: string | undefined, to: Partial<Member>) => ({
    ...standing,
    members: members.map((member) => (member.node === node ? { ...member, ...to } : member)),
  });
  switch (what.type) {
    case 'presence':
      return change(members[what.index % members.length]?.node, { presence: what.presence });
    case 'outcome': {
      const open = members.filter(isOpen);
      const state = what.isGood ? 'succeeded' : 'failed';
      return change(open[what.index % Math.max(1, open.length)]?.node, { state, finishedAt: now });
    }
    case 'word':
      return { ...standing, approvedBatch: nextBatch };
    default:
      return { ...standing, now: now + what.seconds * 1000 };
  }
}

type Look = (before: Standing, decision: ReturnType<typeof decide>, after: Standing) => void;

/** One look: what it decides is done. */
function looked(standing: Standing, look: Look = () => {}): { after: Standing; nextBatch: number } {
  if (!standing.members.some(({ state }) => state === 'held')) return { after: standing, nextBatch: 0 };
  const decision = decide(standing);
  const reversed = decide({ ...standing, members: standing.members.toReversed() });
  assert.deepEqual(reversed, decision, 'the same, in whatever order it is told');
  const going = new Set(decision.release);
  const members = standing.members.map((member): Member => {
    return going.has(member.node) ? { ...member, state: 'progressing', batch: decision.batch } : member;
  });
  const after = { ...standing, members };
  look(standing, decision, after);
  // As an operator may say it: only when it is asked for.
  const nextBatch =
    decision.awaitsApproval || decision.pausedUntil !== null ? decision.nextBatch : standing.approvedBatch;
  return { after, nextBatch };
}

function begun(rollout: Rollout, members: readonly Member[]): Standing {
  return { rollout, members, approvedBatch: 0, cancelled: false, waitsFor: null, now: NOW };
}

function played(start: Standing, happenings: readonly Happening[], look?: Look): Standing {
  let { after: standing, nextBatch } = looked(start, look);
  for (const what of happenings) {
    ({ after: standing, nextBatch } = looked(happened(standing, what, nextBatch), look));
  }
  return standing;
}

/** Everybody who is there has good outcomes, every word is said and every pause is over, until nothing moves. */
function endOf(start: Standing): Standing {
  let standing = start;
  for (let round = 0; round < 3 * start.members.length + 3; round += 1) {
    const { after, nextBatch } = looked(standing);
    const now = after.now + 60_000;
    standing = {
      ...after,
      now,
      approvedBatch: nextBatch,
      members: after.members.map((member): Member => {
        return isOpen(member) && isThere(member) ? { ...member, state: 'succeeded', finishedAt: now - 1 } : member;
      }),
    };
  }
  return standing;
}

describe('whatever happens on the way', () => {
  const fleet = fc.array(PRESENCES, { minLength: 1, maxLength: 30 }).map(fleetOf);
  const happenings = fc.array(HAPPENING, { maxLength: 60 });
  const inBatches = ROLLOUT.filter(({ batch, maxUnavailable }) => batch !== null || maxUnavailable !== null);
  const sizeOf = ({ batch }: Rollout, total: number) =>
    typeof batch === 'string' ? Math.max(1, Math.ceil((total * Number.parseInt(batch, 10)) / 100)) : (batch ?? total);
  const eachRelease = (check: Look) => {
    fc.assert(
      fc.property(inBatches, fleet, happenings, (rollout, members, all) => {
        played(begun(rollout, members), all, (before, decision, after) => {
          if (decision.release.length > 0) check(before, decision, after);
        });
      }),
      { numRuns: 2000 },
    );
  };

  test('only who is online is let go, and never more of those who are there are under way than there is room for', () => {
    eachRelease(({ members, rollout }, { release, batch }, after) => {
      for (const node of release) assert.equal(members.find((member) => member.node === node)?.presence, 'online');
      const failed = members.filter(({ state }) => state === 'failed').length;
      const underWay = after.members.filter((member) => isOpen(member) && isThere(member)).length;
      const size = sizeOf(rollout, members.length);
      assert.ok(underWay + failed <= (rollout.maxUnavailable ?? size), `${underWay} under way and ${failed} failed`);
      assert.ok(after.members.filter((member) => member.state !== 'held' && member.batch === batch).length <= size);
      if (rollout.maxUnavailable === null) assert.equal(failed, 0, 'nobody goes after a failure');
    });
  });

  test('one goes alone until there is an outcome', () => {
    eachRelease(({ members, rollout }, { release }) => {
      if (rollout.batch === null || members.some(({ finishedAt }) => finishedAt !== null)) return;
      assert.equal(release.length, 1);
    });
  });

  test('nobody goes past a gate that no word has opened, or into a pause', () => {
    eachRelease(({ rollout, members, approvedBatch, now }, { batch }) => {
      if (rollout.batch === null || batch === 1 || approvedBatch >= batch) return;
      assert.equal(rollout.gate, 'healthy');
      if (members.some((member) => member.state !== 'held' && member.batch === batch)) return;
      const last = Math.max(0, ...members.map(({ finishedAt }) => finishedAt ?? 0));
      assert.ok(now - last >= rollout.pauseSeconds * 1000, 'a batch begins in the pause');
    });
  });

  test('nodes that are away block nobody who is there, whenever they went, and get it when they are back', () => {
    const good = happenings.map((all) => all.filter((what) => what.type !== 'outcome' || what.isGood));
    fc.assert(
      fc.property(inBatches, fleet, good, (rollout, members, all) => {
        const left = endOf(played(begun(rollout, members), all));
        for (const { node, state, presence } of left.members) {
          if (presence === 'online') assert.equal(state, 'succeeded', `${node} never got it`);
        }
        const back = left.members.map((member): Member => ({ ...member, presence: 'online' }));
        for (const { node, state } of endOf({ ...left, members: back }).members) {
          assert.equal(state, 'succeeded', `${node} came back and never got it`);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('without batches everybody gets it at once, wherever they are', () => {
    fc.assert(
      fc.property(fleet, (members) => {
        const { after } = looked(begun(SIMPLE, members));
        assert.ok(after.members.every(isOpen));
      }),
    );
  });

  test('in the order of ids, those that were away when it began last', () => {
    fc.assert(
      fc.property(ROLLOUT, fleet, (rollout, members) => {
        const online = members.map((member): Member => ({ ...member, presence: 'online' }));
        const byBatch = endOf(begun(rollout, online)).members.toSorted(
          (a, b) => a.batch - b.batch || (a.node < b.node ? -1 : 1),
        );
        const expected = online.toSorted((a, b) => Number(a.parked) - Number(b.parked) || (a.node < b.node ? -1 : 1));
        if (rollout.batch === null) return;
        const parkedFrom = byBatch.find(({ parked }) => parked)?.batch ?? Number.POSITIVE_INFINITY;
        assert.ok(byBatch.every(({ parked, batch }) => parked || batch <= parkedFrom));
        assert.equal(byBatch[0]?.node, expected[0]?.node, 'the first of all');
      }),
    );
  });
});
