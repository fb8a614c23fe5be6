import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { OverseerError } from '#subjects/errors.ts';
import { until } from '#test/harness/until.ts';
import { COMPOSE, type Core, nodeNamed, operator, SOON_MS, startCore } from './core.ts';

let core: Core;
before(async () => {
  core = await startCore();
  await core.startScheduler();
});
after(() => core?.stop());

async function count(table: string, where = 'true'): Promise<number> {
  const [row] = await core.database.em().execute(`select count(*) as n from ${table} where ${where}`);
  return Number((row as { n: string }).n);
}

describe('a stack', () => {
  test('put, put again, changed, stopped, removed', async () => {
    const [a, b, c] = await Promise.all([
      core.enroll('a', { labels: { role: 'edge' } }),
      core.enroll('b', { labels: { role: 'edge' } }),
      core.enroll('c'),
    ]);
    const targets = { selector: { role: 'edge' } };
    const first = await core.put('web', { targets });
    assert.equal(first.changed, true);
    assert.equal(first.revision, 1);
    const onA = await core.documentWith(a, 'revision 1', (document) => document.stacks.length === 1);
    assert.equal(onA.stacks[0]?.compose, COMPOSE);
    assert.equal(onA.stacks[0]?.deployment, first.deployment);
    assert.equal(onA.generation, 2);
    await core.documentWith(b, 'revision 1', (document) => document.stacks.length === 1);
    assert.equal((await core.document(c))?.generation, 1);

    const before = [await count('outbox'), await count('deployments')];
    const again = await core.put('web', { targets, files: {}, env: {} });
    assert.deepEqual(again, { ...first, changed: false });
    assert.deepEqual([await count('outbox'), await count('deployments')], before);

    const second = await core.put('web', { targets, env: { A: '1' } });
    assert.equal(second.revision, 2);
    await core.documentWith(a, 'revision 2', (document) => document.stacks[0]?.revision === 2);
    const old = await core.ask('getDeployment', { id: first.deployment ?? '' });
    assert.equal(old.state, 'superseded');
    assert.deepEqual(
      old.targets.map(({ state }) => state),
      ['superseded', 'superseded'],
    );

    const stopped = await core.put('web', { targets, env: { A: '1' }, state: 'stopped' });
    assert.equal(stopped.revision, 2, 'a state is no revision');
    assert.equal(stopped.changed, true);
    await core.documentWith(a, 'the stop', (document) => document.stacks[0]?.state === 'stopped');

    const removed = await core.remove('web', true);
    const gone = await core.documentWith(a, 'the removal', (document) => document.stacks.length === 0);
    assert.deepEqual(gone.removed, [
      { name: 'web', deployment: removed.deployment, generation: gone.generation, volumes: true },
    ]);
    assert.equal((await core.document(c))?.generation, 1, 'a node that never had it hears nothing of it');
    await assert.rejects(core.remove('web'), (error: OverseerError) => error.code === 'stack-not-found');
    await assert.rejects(
      core.ask('getStack', { name: 'web' }),
      (error: OverseerError) => error.code === 'stack-not-found',
    );

    const anew = await core.put('web', { targets });
    assert.equal(anew.revision, 3, 'revisions of a name are never used twice');
    const back = await core.documentWith(a, 'the stack again', (document) => document.stacks.length === 1);
    assert.deepEqual(back.removed, []);
    const actions = await core.database
      .em()
      .execute(`select body->>'action' as action from outbox where message = 'auditRecord' order by id`);
    assert.deepEqual(
      actions.map((row) => (row as { action: string }).action),
      ['stack.put', 'stack.put', 'stack.put', 'stack.remove', 'stack.put'],
    );
    await core.remove('web');
  });

  test('targets that change: the node that leaves gets a removal without volumes, the one that stays is not touched', async () => {
    const [x, y, z] = await Promise.all([core.enroll('x'), core.enroll('y'), core.enroll('z')]);
    const first = await core.put('move', { targets: { nodes: [x.id, y.id] } });
    const onY = await core.documentWith(y, 'the stack', (document) => document.stacks.length === 1);
    for (const node of [x, y]) {
      await core.report(node, onY.generation, [{ name: 'move', hash: onY.stacks[0]?.hash ?? null }]);
    }
    const done = await until(
      async () => {
        const seen = await core.ask('getDeployment', { id: first.deployment ?? '' });
        return seen.state === 'succeeded' ? seen : null;
      },
      SOON_MS,
      'the first deployment',
    );
    assert.ok(done.finishedAt);
    const second = await core.put('move', { targets: { nodes: [y.id, z.id] } });
    assert.equal(second.revision, 1);
    assert.notEqual(second.deployment, first.deployment);
    const left = await core.documentWith(x, 'the removal', (document) => document.removed.length === 1);
    assert.equal(left.removed[0]?.volumes, false);
    assert.equal(left.removed[0]?.deployment, second.deployment);
    await core.documentWith(z, 'the stack', (document) => document.stacks.length === 1);
    assert.equal((await core.document(y))?.generation, onY.generation, 'nothing changed there');
    const view = await core.ask('getDeployment', { id: second.deployment ?? '' });
    const states = new Map(view.targets.map((target) => [target.nodeName, target.state]));
    assert.deepEqual([states.get('x'), states.get('y'), states.get('z')], ['pending', 'succeeded', 'pending']);

    await core.report(x, left.generation, []);
    const onZ = await core.document(z);
    await core.report(z, onZ?.generation ?? 0, [{ name: 'move', hash: onZ?.stacks[0]?.hash ?? null }]);
    await until(
      async () => (await core.ask('getDeployment', { id: second.deployment ?? '' })).state === 'succeeded',
      SOON_MS,
      'the move',
    );
    const stack = await core.ask('getStack', { name: 'move' });
    assert.deepEqual(stack.nodes.map(({ phase }) => phase).sort(), ['running', 'running']);
    await core.remove('move');
  });

  test('what is refused changes nothing', async () => {
    const node = await core.enroll('strict');
    const before = await Promise.all(
      ['stacks', 'revisions', 'deployments', 'outbox', 'assignments'].map((t) => count(t)),
    );
    const refused = async (code: string, spec: Parameters<Core['put']>[1], fields: Record<string, unknown> = {}) => {
      await assert.rejects(core.put('bad', spec), (error) => {
        assert.ok(error instanceof OverseerError, String(error));
        assert.equal(error.code, code, error.message);
        for (const [name, value] of Object.entries(fields)) assert.deepEqual(error.fields[name], value);
        return true;
      });
    };
    const stranger = newId();
    await refused('node-not-found', { targets: { nodes: [node.id, stranger] } }, { node: stranger });
    await refused('compose-malformed', { compose: 'services:\n  web: [\n' }, { line: 3 });
    await refused('path-outside', { compose: 'include: [/etc/x.yaml]\n' }, { place: 'include[0]' });
    await refused('invalid-input', { files: { '.env': 'A=1' } });
    await refused('invalid-input', { files: { a: '', 'a/b': '' } });
    const noise = Array.from({ length: 15_000 }, () => newId())
      .join('\n')
      .replaceAll(/^/gm, '# ');
    const files = { 'x.txt': noise, 'y.txt': noise.split('\n').reverse().join('\n') };
    await refused('document-too-large', { files, targets: { nodes: [node.id] } }, { stack: 'bad', node: node.id });
    const now = await Promise.all(['stacks', 'revisions', 'deployments', 'outbox', 'assignments'].map((t) => count(t)));
    assert.deepEqual(now, before);
  });

  test('a node that enrolled a moment ago can be named before its fact arrives', async () => {
    const fresh = nodeNamed('fresh');
    core.nodes.set(fresh.id, fresh);
    const answer = await core.put('early', { targets: { nodes: [fresh.id] } });
    assert.equal(answer.changed, true);
    await core.documentWith(fresh, 'the stack', (document) => document.stacks.length === 1);
    await core.remove('early');
  });

  test('no node matches: succeeded at once, and says why', async () => {
    const { deployment } = await core.put('nowhere', { targets: { selector: { role: 'nowhere' } } });
    const view = await core.ask('getDeployment', { id: deployment ?? '' });
    assert.deepEqual([view.state, view.reason, view.targets.length], ['succeeded', 'no node matches', 0]);
    await core.remove('nowhere');
  });

  test('lists go on where the last page ended', async () => {
    for (const name of ['p1', 'p2', 'p3']) await core.put(name, { targets: { selector: { role: 'nowhere' } } });
    const names: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof core.ask<'listStacks'>>> = await core.ask('listStacks', {
        limit: 2,
        ...(cursor === null ? {} : { cursor }),
      });
      names.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== null);
    assert.deepEqual(names, ['p1', 'p2', 'p3']);
    const newest = await core.ask('listDeployments', { limit: 1 });
    const next = await core.ask('listDeployments', { limit: 1, cursor: newest.nextCursor ?? '' });
    assert.deepEqual([newest.items[0]?.stack, next.items[0]?.stack], ['p3', 'p2']);
    assert.equal((await core.ask('listRevisions', { name: 'p1' })).items.length, 1);
    await assert.rejects(
      core.ask('listStacks', { cursor: 'nonsense' }),
      (e: OverseerError) => e.code === 'invalid-input',
    );
    await assert.rejects(
      core.ask('listDeployments', { cursor: 'nonsense' }),
      (e: OverseerError) => e.code === 'invalid-input',
    );
  });

  test('a command to a node that is not connected is refused, and recorded', async () => {
    const registry = await core.nats.connect('registry');
    const node = await core.enroll('away');
    await assert.rejects(
      registry.request('sendCommand', {}, { by: operator(), node: node.id, nonce: newId(), verb: 'refresh' }),
      (error: OverseerError) => error.code === 'node-offline',
    );
    assert.equal(await count('outbox', `body->>'action' = 'command.send'`), 1);
  });
});
