import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { started, stoppedAsTheyAre, stoppedOwn } from '#services/scheduler/own-version.ts';
import {
  type Assignment,
  type Change,
  isForgotten,
  type PlacedNode,
  type PlacedStack,
  place,
  REMOVAL_KEPT_MS,
} from '#services/scheduler/placement.ts';
import { assignedIn, nodesIn, SIMPLE, stacksIn, written } from './placement-notation.ts';

const CASES: readonly [name: string, stacks: string, nodes: string, assigned: string, changes: string][] = [
  ['by id', 'web on a', 'a b', '', 'a+web@1'],
  ['by selector', 'web on role=edge', 'a[role=edge] b[role=core] c', '', 'a+web@1'],
  ['every label must match', 'web on role=edge,zone=x', 'a[role=edge] b[role=edge,zone=x]', '', 'b+web@1'],
  ['ids and selector together', 'web on c,role=edge', 'a[role=edge] b c', '', 'a+web@1 c+web@1'],
  ['an empty selector is every node', 'web on *', 'a b', '', 'a+web@1 b+web@1'],
  ['a node that is not there gets nothing', 'web on a,z', 'a', '', 'a+web@1'],
  ['nothing changes twice', 'web on a', 'a', 'a=web@1', ''],
  ['a new revision goes where it is', 'web@2 on *', 'a b', 'a=web@1+ b=web@1', 'a+web@2 b+web@2'],
  ['a target that goes loses it', 'web on b', 'a b', 'a=web@1+ b=web@1+', 'a-web'],
  ['a label that goes loses it', 'web on role=edge', 'a', 'a=web@1', 'a-web'],
  ['a drained node gives up all', 'web on a | db on *', 'a!', 'a=web@1 a=db@1', 'a-db a-web'],
  ['a drained node gets nothing', 'web on a', 'a!', '', ''],
  ['a node back in use gets it again', 'web on a', 'a', 'a=-web', 'a+web@1'],
  ['a removed stack leaves all its nodes', 'web gone', 'a b c', 'a=web@1 b=web@1', 'a-web b-web'],
  ['volumes go only when asked', 'web gone/v', 'a', 'a=web@1', 'a-web/v'],
  ['volumes left behind before are left alone', 'web gone/v', 'a b', 'a=-web b=web@1', 'b-web/v'],
  ['removal told once', 'web gone', 'a', 'a=-web', ''],
  ['a stack nobody knows leaves, it does not vanish', '', 'a', 'a=web@1', 'a-web'],
  ['a name made again drops the removal', 'web@2 on a', 'a b', 'a=-web+ b=-web', 'a+web@2'],
  ['other stacks are untouched', 'web@2 on a | db on a', 'a', 'a=web@1 a=db@1', 'a+web@2'],
];

describe('placement', () => {
  for (const [name, stacks, nodes, assigned, changes] of CASES) {
    test(name, () => {
      assert.equal(written(place(stacksIn(stacks), nodesIn(nodes), assignedIn(assigned), null)), changes);
    });
  }

  test('a stack that stays keeps its deployment when it was confirmed, and joins the new one when it was not', () => {
    const [stack] = stacksIn('web on *') as [PlacedStack];
    const newer = { ...stack, deployment: 'newer' };
    const changes = place([newer], nodesIn('a b'), assignedIn('a=web@1+ b=web@1'), 'newer');
    assert.deepEqual(
      changes.map(({ node, to }) => [node, to.deployment]),
      [['b', 'newer']],
    );
  });

  test('a stack that leaves names the deployment that made it leave', () => {
    const [change] = place(stacksIn('web on b'), nodesIn('a'), assignedIn('a=web@1'), 'cause');
    assert.equal(change?.to.deployment, 'cause');
  });

  test('the same revision stopped is a change', () => {
    const [stack] = stacksIn('web on a') as [PlacedStack];
    const stopped: PlacedStack = { ...stack, state: 'stopped', hash: 'web-1-stopped' };
    assert.equal(written(place([stopped], nodesIn('a'), assignedIn('a=web@1+'), null)), 'a+web@1');
  });

  test('a node that is held back keeps what it has, and gets nothing that it had not', () => {
    const [stack] = stacksIn('web@2 on *') as [PlacedStack];
    const held = { ...stack, heldNodes: new Set(['a', 'b', 'd']) };
    const changes = place([held], nodesIn('a b c d!'), assignedIn('a=web@1+ c=web@1+ d=web@1'), null);
    assert.equal(written(changes), 'c+web@2 d-web', 'it still leaves where it has no place');
  });

  test('a node on which it was stopped gets new revisions too, stopped', () => {
    const [stack] = stacksIn('web@2 on *') as [PlacedStack];
    const changes = place([{ ...stack, stoppedNodes: new Set(['a']) }], nodesIn('a b'), new Map(), null);
    assert.deepEqual(
      changes.map(({ node, to }) => to.kind === 'run' && [node, to.state, to.hash]),
      [
        ['a', 'stopped', 'stopped'],
        ['b', 'running', 'web-2'],
      ],
    );
  });

  test('what is only stopped and started keeps its own version, and stays so until the rollout comes to it', () => {
    const [newest] = stacksIn('web@2 on *') as [PlacedStack];
    const fleet = nodesIn('a b c');
    const stopped: PlacedStack = { ...newest, state: 'stopped', hash: 'stopped', deployment: 'stop' };
    const assigned = assignedIn('a=web@2 b=web@1+ c=-web');
    const hashOf = ({ revision }: { revision: number }, state: string) => `web-${revision}-${state}`;
    const stops = stoppedAsTheyAre(newest, place([stopped], fleet, assigned, null), hashOf);
    const seen = (changes: readonly Change[]) =>
      changes.map(({ node, to }) => to.kind === 'run' && [node, to.revision, to.hash, to.deployment].join(' '));
    assert.deepEqual(seen(stops), ['a 2 stopped stop', 'b 1 web-1-stopped stop', 'c 2 stopped stop']);

    const after = applied(assigned, stops);
    assert.deepEqual(place([stopped], fleet, after, null), [], 'a comparison with what is stored finds no difference');
    assert.deepEqual(
      stoppedOwn(stopped, after).map(({ node }) => node),
      ['b'],
    );

    const restarted: PlacedStack = { ...newest, deployment: 'start', heldNodes: new Set(['b', 'c']) };
    const [own] = stoppedOwn(restarted, after);
    assert.ok(own);
    const start = started(restarted, own.node, own.from, hashOf);
    assert.deepEqual(
      seen([start]),
      ['b 1 web-1-running '],
      'told of no deployment: the one under way is about the newest',
    );
    const running = applied(after, [start]);
    assert.equal(written(place([restarted], fleet, running, null)), 'a+web@2', 'held ones keep it');
    assert.equal(
      written(place([{ ...restarted, heldNodes: new Set() }], fleet, running, null)),
      'a+web@2 b+web@2 c+web@2',
    );
  });

  test('a removal is forgotten thirty days after it was confirmed, never before, never unconfirmed', () => {
    const removal = assignedIn('a=-web').get('a')?.get('web') as Assignment;
    assert.equal(isForgotten(removal, Number.MAX_SAFE_INTEGER), false);
    const confirmed = { ...removal, confirmedAt: 1000 } as Assignment;
    assert.equal(isForgotten(confirmed, 1000 + REMOVAL_KEPT_MS), false);
    assert.equal(isForgotten(confirmed, 1001 + REMOVAL_KEPT_MS), true);
  });
});

const name = fc.constantFrom('web', 'db', 'mail', 'cache');
const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const labels = fc.dictionary(fc.constantFrom('role', 'zone'), fc.constantFrom('x', 'y'), { maxKeys: 2 });
const targets = fc.oneof(
  fc.record({ nodes: fc.uniqueArray(id) }),
  fc.record({ selector: labels }),
  fc.record({ nodes: fc.uniqueArray(id), selector: labels }),
);
const stack: fc.Arbitrary<PlacedStack> = fc
  .record({
    name,
    revision: fc.integer({ min: 1, max: 3 }),
    targets,
    removed: fc.option(fc.record({ volumes: fc.boolean() }), { freq: 3 }),
  })
  .map((made) => ({
    ...made,
    state: 'running' as const,
    hash: `${made.name}-${made.revision}`,
    ...SIMPLE,
    deployment: `d-${made.name}-${made.revision}`,
  }));
const stacks = fc.uniqueArray(stack, { selector: (made) => made.name });
const nodes: fc.Arbitrary<PlacedNode[]> = fc.uniqueArray(fc.record({ id, labels, drained: fc.boolean() }), {
  selector: (node) => node.id,
});

type Assigned = Map<string, Map<string, Assignment>>;

function applied(assigned: Assigned, changes: readonly Change[]): Assigned {
  const after = new Map([...assigned].map(([node, own]) => [node, new Map(own)]));
  for (const { node, stack: changed, to } of changes) {
    const own = after.get(node) ?? new Map<string, Assignment>();
    after.set(node, own.set(changed, to.kind === 'removed' ? { ...to, generation: to.generation ?? 7 } : to));
  }
  return after;
}

describe('placement, whatever the fleet', () => {
  const history = fc.array(fc.tuple(stacks, nodes), { minLength: 1, maxLength: 5 });

  test('once applied there is nothing left to change, and the same input gives the same changes', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let assigned: Assigned = new Map();
        for (const [some, fleet] of steps) {
          const changes = place(some, fleet, assigned, null);
          assert.deepEqual(place(some, fleet, assigned, null), changes);
          assigned = applied(assigned, changes);
          assert.deepEqual(place(some, fleet, assigned, null), []);
        }
      }),
    );
  });

  test('the order of stacks and nodes does not matter', () => {
    fc.assert(
      fc.property(stacks, nodes, stacks, (before, fleet, after) => {
        const assigned = applied(new Map(), place(before, fleet, new Map(), null));
        const reversed = new Map([...assigned].reverse().map(([node, own]) => [node, new Map([...own].reverse())]));
        assert.deepEqual(
          place(after.toReversed(), fleet.toReversed(), reversed, null),
          place(after, fleet, assigned, null),
        );
      }),
    );
  });

  test('absence never deletes: what was assigned stays, or becomes a removal', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let assigned: Assigned = new Map();
        for (const [some, fleet] of steps) {
          const after = applied(assigned, place(some, fleet, assigned, null));
          for (const [node, own] of assigned) {
            for (const known of own.keys()) assert.ok(after.get(node)?.has(known), `${known} vanished from ${node}`);
          }
          assigned = after;
        }
      }),
    );
  });

  test('volumes go only with a stack that was removed with its volumes', () => {
    fc.assert(
      fc.property(stacks, nodes, stacks, (before, fleet, after) => {
        const assigned = applied(new Map(), place(before, fleet, new Map(), null));
        for (const { stack: changed, to } of place(after, fleet, assigned, null)) {
          if (to.kind !== 'removed' || !to.volumes) continue;
          assert.equal(after.find((made) => made.name === changed)?.removed?.volumes, true);
        }
      }),
    );
  });

  test('a change of one stack touches no other', () => {
    fc.assert(
      fc.property(stacks, stack, nodes, (before, changed, fleet) => {
        const assigned = applied(new Map(), place(before, fleet, new Map(), null));
        const after = [...before.filter((made) => made.name !== changed.name), changed];
        for (const change of place(after, fleet, assigned, null)) assert.equal(change.stack, changed.name);
      }),
    );
  });
});
