// The promises of the scheduler under races, crashes and loss. Each has a control that shows what would be seen if the
// promise were broken.
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import { startRelay } from '#infra/postgres/outbox.ts';
import { keepNode } from '#services/scheduler/node-facts.ts';
import { specificationOf } from '#services/scheduler/specification.ts';
import { removeStack, storeStack } from '#services/scheduler/stacks.ts';
import { readEpoch } from '#services/scheduler/store/documents.ts';
import { until } from '#test/harness/until.ts';
import { COMPOSE, type Core, nodeNamed, operator, SOON_MS, startCore } from './core.ts';

const WRITERS = 16;
const PUTS = 50;

interface Issued {
  readonly node: string;
  readonly generation: string;
}

describe('two schedulers at once', () => {
  let core: Core;
  before(async () => {
    core = await startCore();
    await core.startScheduler(false);
    await core.startScheduler(false);
  });
  after(() => core?.stop());

  async function issued(): Promise<Issued[]> {
    const found = await core.database
      .em()
      .execute(`select parameters->>'node' as node, generation from outbox where kind = 'state' order by id`);
    return found as unknown as Issued[];
  }

  test(`${WRITERS} x ${PUTS} puts never issue a generation twice, and the last one stands`, async () => {
    const fleet = await Promise.all(['n1', 'n2', 'n3'].map((name) => core.enroll(name)));
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        for (let put = 0; put < PUTS; put += 1) {
          await core.put(`s${writer % 4}`, { env: { WRITER: String(writer), PUT: String(put) } });
        }
      }),
    );
    const all = await issued();
    const seen = all.map(({ node, generation }) => `${node} ${generation}`);
    assert.ok(seen.length >= WRITERS * PUTS, `${seen.length} documents`);
    assert.equal(new Set(seen).size, seen.length, 'a generation was issued twice');
    for (const node of fleet) {
      const own = all.filter((row) => row.node === node.id).map(({ generation }) => Number(generation));
      assert.deepEqual(
        own,
        own.toSorted((a, b) => a - b),
        'generations grow in the order of commit',
      );
      assert.deepEqual(
        own,
        Array.from({ length: own.length }, (_, index) => index + 1),
        'none is left out',
      );
      const last = await core.documentWith(node, 'the last one', ({ generation }) => generation === own.length);
      for (const stack of last.stacks) {
        const detail = await core.ask('getStack', { name: stack.name });
        assert.equal(stack.revision, detail.revision);
        assert.deepEqual(stack.env, detail.spec.env);
      }
      assert.equal(last.stacks.length, 4);
    }
    const open = await core.ask('listDeployments', { limit: 1000 });
    const living = open.items.filter(({ state }) => state !== 'superseded');
    assert.equal(living.length, 4, 'one deployment a stack is not superseded');
  });
});

describe('nothing that was committed is lost', () => {
  let core: Core;
  before(async () => {
    core = await startCore();
  });
  after(() => core?.stop());

  test('a crash between commit and publish: the next relay sends what is owed', async () => {
    const { database, signer, nats } = core;
    const epoch = await database.transaction((em) => readEpoch(em, newId()));
    const issuer = { key: signer, epoch, vault: null, now: () => new Date(), newId };
    const node = nodeNamed('late');
    core.nodes.set(node.id, node);
    await database.transaction((em) => keepNode(em, issuer, node, new Date()));
    const specification = specificationOf({ compose: COMPOSE, targets: { nodes: [node.id] } });
    const put = await database.transaction((em) => storeStack(em, issuer, 'web', specification, operator()));
    assert.equal(await core.document(node), null, 'nothing was sent: no relay runs');

    const bus = await nats.connect('scheduler');
    const died = Promise.withResolvers<void>();
    const log = createLogger('test', 'silent');
    const doomed = startRelay({
      ...{ database, bus, service: 'scheduler', log },
      async failpoint(at) {
        if (at !== 'published') return;
        died.resolve();
        throw new Error('killed after it published, before it marked');
      },
    });
    await died.promise;
    await doomed.stop();
    const unsent = await database.em().execute('select id from outbox where sent_at is null');
    assert.ok(unsent.length > 0, 'the control: rows are still owed');

    await core.startScheduler(false);
    const document = await core.documentWith(node, 'the stack', ({ stacks }) => stacks.length === 1);
    assert.equal(document.stacks[0]?.deployment, put.deployment);
    await until(
      async () => (await database.em().execute('select id from outbox where sent_at is null')).length === 0,
      SOON_MS,
      'the outbox to be empty',
    );
    assert.equal((await core.document(node))?.generation, document.generation);
    await database.transaction((em) => removeStack(em, issuer, { by: operator(), name: 'web', volumes: false }));
  });

  test('JetStream emptied: every document is back, with the same generation and the same bytes', async () => {
    const fleet = await Promise.all(['m1', 'm2', 'm3'].map((name) => core.enroll(name)));
    for (let put = 0; put < 3; put += 1) await core.put('kept', { env: { PUT: String(put) } });
    const generation = 4;
    for (const node of fleet) await core.documentWith(node, 'it', (document) => document.generation === generation);
    const bus = await core.nats.connect('scheduler');
    const before = await Promise.all(fleet.map(({ id }) => bus.read('desired', { node: id })));

    await core.nats.kill();
    const store = join(core.nats.data, 'nats/jetstream');
    assert.ok(readdirSync(store).length > 0);
    rmSync(store, { recursive: true });
    await core.nats.restart();
    await until(() => bus.isConnected, SOON_MS, 'the bus');
    await core.nats.provision();
    const after = await until(
      async () => {
        const found = await Promise.all(fleet.map(({ id }) => bus.read('desired', { node: id })));
        return found.every((stored) => stored !== null) ? found : null;
      },
      SOON_MS,
      'the documents',
    );
    for (const [index, stored] of after.entries()) {
      assert.equal(stored?.generation, generation);
      assert.ok(Buffer.from(stored?.payload ?? []).equals(before[index]?.payload ?? Buffer.alloc(0)));
    }
  });

  test('a stream ahead of PostgreSQL, or with other bytes: ours stand there again, and the next put arrives', async () => {
    const [node, other] = await Promise.all(['a1', 'a2'].map((name) => core.enroll(name)));
    assert.ok(node && other);
    await core.put('mended', { env: { PUT: 'before' } });
    for (const one of [node, other]) {
      await core.documentWith(one, 'it', ({ stacks }) => stacks.some(({ env }) => env['PUT'] === 'before'));
    }
    const bus = await core.nats.connect('scheduler');
    const stored = async (id: string) => {
      const found = await bus.read('desired', { node: id });
      assert.ok(found);
      return found;
    };
    const [before, same] = [await stored(node.id), await stored(other.id)];
    const far = 1_000_000;
    const rubbish = Buffer.from('no document at all');
    const over = async (id: string, generation: number) =>
      bus.put('desired', { node: id }, rubbish, { expectedSequence: (await stored(id)).streamSequence, generation });
    await over(node.id, far);
    await over(other.id, same.generation ?? 0);
    await core.put('mended', { env: { PUT: 'while it stands there' } });
    assert.deepEqual((await stored(node.id)).payload, rubbish, 'control: a put alone does not mend it');
    assert.ok((before.generation ?? 0) < far);
    await core.nats.kill();
    await core.nats.restart();
    const mended = await core.documentWith(node, 'ours', ({ generation }) => generation > far);
    const isNew = (env: Record<string, string> | undefined) => env?.['PUT'] === 'while it stands there';
    assert.ok(isNew(mended.stacks.find(({ name }) => name === 'mended')?.env));
    await core.documentWith(other, 'ours', ({ stacks }) => isNew(stacks.find(({ name }) => name === 'mended')?.env));
    await core.put('mended', { env: { PUT: 'after' } });
    await core.documentWith(node, 'the next one', ({ stacks }) => stacks.some(({ env }) => env['PUT'] === 'after'));
  });

  test('a rebuild asked for sends every document again, and changes none', async () => {
    const [scheduler] = core.schedulers;
    const heads = () =>
      core.database.em().execute('select node, generation, hash from desired_documents order by node');
    const before = await heads();
    assert.equal(await scheduler?.rebuildDesired(), before.length);
    assert.ok(before.length >= 4);
    await until(
      async () => (await core.database.em().execute('select id from outbox where sent_at is null')).length === 0,
      SOON_MS,
      'the outbox to be empty',
    );
    assert.deepEqual(await heads(), before);
  });

  test('what the registry never told is found by comparison', async () => {
    const silent = nodeNamed('silent');
    core.nodes.set(silent.id, silent);
    await core.startScheduler(false);
    await core.documentWith(silent, 'the stack', ({ stacks }) => stacks.some(({ name }) => name === 'kept'));
  });
});
