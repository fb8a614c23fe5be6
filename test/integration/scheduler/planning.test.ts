// A plan as operators get it: from every node that is there, naming those that are not, and with nothing changed anywhere.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { OverseerError } from '#subjects/errors.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { StackSpec } from '#subjects/schema/stack.ts';
import { until } from '#test/harness/until.ts';
import { answering, freshPreview, serveNonces } from './asked-node.ts';
import { COMPOSE, type Core, SOON_MS, startCore } from './core.ts';

let core: Core;
let nonces: Map<string, string>;
before(async () => {
  core = await startCore();
  await core.startScheduler();
  nonces = await serveNonces(core);
});
after(() => core?.stop());

function plan(name: string, spec: Partial<StackSpec> | null) {
  const whole = spec === null ? null : { compose: COMPOSE, targets: { selector: {} }, ...spec };
  return core.ask('planStack', { name, spec: whole });
}

function refusedAs(code: string) {
  return (error: unknown) => error instanceof OverseerError && error.code === code;
}

/** Everything that is stored, but for what the clock alone moves. */
async function dump(): Promise<string> {
  const em = core.database.em();
  const tables = await em.execute(`select tablename from pg_tables where schemaname = current_schema() order by 1`);
  const contents: string[] = [];
  for (const row of tables) {
    const { tablename } = row as { tablename: string };
    const rows = await em.execute(`select to_jsonb(t)::text as row from "${tablename}" t order by 1`);
    contents.push(`${tablename}: ${JSON.stringify(rows)}`);
  }
  return contents.join('\n');
}

/** Everything told has been handled and every message is out. */
async function quiet(): Promise<string> {
  await core.handled();
  let last = '';
  await until(
    async () => {
      const now = await dump();
      const isSame = now === last;
      last = now;
      return isSame;
    },
    SOON_MS,
    'nothing to change any more',
  );
  return last;
}

describe('a plan', () => {
  test('asks every node that is there, names the others, and changes nothing', async () => {
    const role = { labels: { plan: 'one' } };
    const [a, b, slow] = [
      await core.enroll('plan-a', role),
      await core.enroll('plan-b', role),
      await core.enroll('plan-slow', role),
    ];
    await core.enroll('plan-away', { ...role, liveness: 'offline' });
    const asked = new Map<string, DesiredStack[]>();
    for (const node of [a, b, slow]) {
      await answering(core, nonces, node, {
        preview({ stack }) {
          asked.set(node.id, [...(asked.get(node.id) ?? []), stack]);
          if (node === slow) throw new OverseerError('timeout', 'the engine does not answer');
          return freshPreview(stack);
        },
      });
    }
    const targets = { selector: { plan: 'one' } };
    const spec = { targets, env: { A: '1' }, strategy: { batch: 2 } };
    const before = await quiet();
    const first = await plan('web', spec);
    assert.equal(await dump(), before, 'no row of any table is another one');
    assert.deepEqual([first.name, first.revision, first.changed], ['web', 1, true]);
    const byName = new Map(first.nodes.map((node) => [node.nodeName, node]));
    assert.deepEqual([...byName.keys()], ['plan-a', 'plan-away', 'plan-b', 'plan-slow']);
    assert.deepEqual(
      [...byName.values()].map(({ state }) => state),
      ['planned', 'parked', 'planned', 'failed'],
    );
    assert.match(byName.get('plan-slow')?.reason ?? '', /does not answer/);
    assert.match(byName.get('plan-away')?.reason ?? '', /offline/);
    assert.equal(byName.get('plan-a')?.changes[0]?.change, 'create');
    const batches = first.nodes.filter(({ state }) => state !== 'parked').map(({ batch }) => batch);
    assert.deepEqual(batches.toSorted(), [1, 2, 2], 'the first batch is one node');

    // The stack that was asked about is the one that a put brings.
    await core.put('web', spec);
    assert.notEqual(await dump(), before, 'a put is seen in it');
    const [canary] = [a, b, slow].toSorted((one, other) => (one.id < other.id ? -1 : 1));
    assert.ok(canary);
    const { stacks } = await core.documentWith(canary, 'the stack', (document) => document.stacks.length === 1);
    assert.deepEqual({ ...asked.get(canary.id)?.[0], deployment: null }, { ...stacks[0], deployment: null });
    const again = await plan('web', spec);
    assert.deepEqual([again.revision, again.changed], [1, false]);
    assert.equal((await plan('web', { ...spec, env: { A: '2' } })).revision, 2);
  });

  test('of the present version, of a stop, of a paused node, and of nodes that the stack leaves', async () => {
    const [a, b] = [await core.enroll('stay', { paused: true }), await core.enroll('leave')];
    for (const node of [a, b]) {
      await answering(core, nonces, node, {
        preview: ({ stack }) => ({ ...freshPreview(stack), steps: [{ step: stack.state, why: stack.hash }] }),
      });
    }
    const { revision } = await core.put('two', { targets: { nodes: [a.id, b.id] } });
    const { stacks } = await core.documentWith(a, 'the stack', (document) => document.stacks.length === 1);
    const present = await plan('two', null);
    assert.deepEqual([present.revision, present.changed], [revision, false]);
    assert.deepEqual(
      present.nodes.map(({ steps }) => steps[0]),
      [stacks[0], stacks[0]].map((stack) => ({ step: 'running', why: stack?.hash })),
    );
    assert.deepEqual(
      present.nodes.map(({ reason }) => reason?.slice(0, 18) ?? null).toSorted(),
      ['the node is paused', null].toSorted(),
    );
    const left = await plan('two', { targets: { nodes: [a.id] }, state: 'stopped' });
    assert.deepEqual(
      left.nodes.map(({ nodeName, state, steps }) => [nodeName, state, steps[0]?.step]),
      [
        ['stay', 'planned', 'stopped'],
        ['leave', 'leaves', 'down'],
      ],
    );
  });

  test('what a node can not tell is its failure alone, and one that is gone is parked', async () => {
    const [a, b] = [await core.enroll('faulty'), await core.enroll('silent')];
    await answering(core, nonces, a, {
      preview: () => ({ kind: 'preview', steps: [], changes: [], fault: 'no such key: nonsense' }),
    });
    nonces.set(b.id, 'b'.repeat(26));
    const { nodes } = await plan('three', { targets: { nodes: [a.id, b.id] } });
    assert.deepEqual(
      nodes.map(({ nodeName, state }) => [nodeName, state]),
      [
        ['faulty', 'failed'],
        ['silent', 'parked'],
      ],
    );
    assert.deepEqual(
      nodes.map(({ reason }) => reason),
      ['no such key: nonsense', 'it is offline and follows when it is back'],
    );
  });

  test('what a put would be refused for, a plan is refused for', async () => {
    await assert.rejects(plan('none', null), refusedAs('stack-not-found'));
    await assert.rejects(plan('bad', { compose: 'services: [' }), refusedAs('compose-malformed'));
    await assert.rejects(
      plan('bad', { compose: 'services: {a: {image: x, env_file: ../x}}' }),
      refusedAs('path-outside'),
    );
    await assert.rejects(plan('bad', { targets: { nodes: ['z'.repeat(26)] } }), refusedAs('node-not-found'));
    await assert.rejects(plan('bad', { secrets: { nowhere: {} } }), refusedAs('secret-not-found'));
  });
});
