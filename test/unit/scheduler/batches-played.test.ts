// Rollouts played with everything that may happen on the way: nodes that come and go, outcomes, words of operators, time.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decide, type Member, type Rollout, type Standing } from '#services/scheduler/batches.ts';

const NOW = 100_000;
const AT_ONCE: Rollout = { batch: null, maxUnavailable: null, pauseSeconds: 0, gate: 'healthy' };

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
        const { after } = looked(begun(AT_ONCE, members));
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
