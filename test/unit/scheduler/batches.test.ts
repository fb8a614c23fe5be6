import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
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
