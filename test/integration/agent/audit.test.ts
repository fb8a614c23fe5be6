// The agent's own audit: whole after kill -9, and at the core after an outage, in order and signed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openStore } from '#agent/state/disk-store.ts';
import type { AuditTrail } from '#agent/state/store.ts';
import { judgeOrder } from '#infra/audit/judge.ts';
import { isGenuine, type NodeHead, nodeLink } from '#infra/audit/node-chain.ts';
import { coreConfig } from '#infra/config.ts';
import { newHealth } from '#infra/health.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import { newUserKey, userKey, verifyingKey } from '#infra/nats/credentials.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import { startAudit } from '#services/audit/main.ts';
import { auditEntities, DATABASE_ROLE } from '#services/audit/store/entities.ts';
import type { NodeAudit } from '#subjects/schema/audit.ts';
import { type TestDatabase, testDatabase } from '#test/harness/postgres.ts';
import { until } from '#test/harness/until.ts';
import { newNode, nodes, registry, serveCore, server, up } from './linked-node.ts';

const SOON_MS = 60_000;
const log = createLogger('test', process.env['TEST_LOG'] ?? 'silent');
const writer = fileURLToPath(new URL('./audit-writer.ts', import.meta.url));

async function writeAndKill(args: readonly string[], atLeast: number): Promise<void> {
  const child = spawn(process.execPath, [writer, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    said += chunk;
    if (said.split('\n').length > atLeast) child.kill('SIGKILL');
  });
  await once(child, 'close');
  assert.ok(said.split('\n').length > atLeast, 'control: it was writing');
}

function drained(trail: AuditTrail): NodeAudit[] {
  const entries: NodeAudit[] = [];
  for (let next = trail.oldest(); next !== null; next = trail.oldest()) {
    assert.equal(next.sequence, next.entry.chain.sequence);
    entries.push(next.entry);
    trail.release(next.sequence);
  }
  return entries;
}

test('kill -9 amid it: every intent is before its outcome, the chain is whole, signed, and goes on', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync('/tmp/ovs-audit-');
  const [file, node] = [`${folder}/state.db`, newId()];
  const { seed, publicKey } = newUserKey();
  try {
    const all: NodeAudit[] = [];
    for (const atLeast of [5, 40, 90]) {
      await writeAndKill([file, node, seed], atLeast);
      const store = openStore(file, {
        newEpoch: newId,
        log: { warn: assert.fail },
        audit: { node, key: userKey(seed) },
      });
      assert.ok(store.audit !== null);
      const settled = store.records()[0]?.removedGeneration ?? 0;
      const entries = drained(store.audit);
      all.push(...entries);
      const outcomes = entries.filter(({ record }) => record.outcome === 'succeeded');
      assert.equal(outcomes.length, settled, 'an effect and its record are together or not there');
      const intents = entries.length - outcomes.length;
      assert.ok(intents === outcomes.length || intents === outcomes.length + 1, 'killed between intent and effect');
      store.close();
    }
    let head: NodeHead | null = null;
    for (const entry of all) {
      assert.equal(judgeOrder(head, entry.chain, Buffer.from(entry.chain.previous, 'hex')), null);
      assert.ok(isGenuine(node, entry, verifyingKey(publicKey)));
      head = nodeLink(node, entry);
    }
    const [first, second] = all as [NodeAudit, NodeAudit];
    const changed = { ...first, record: { ...second.record } };
    assert.ok(!isGenuine(node, changed, verifyingKey(publicKey)), 'control: another record is not signed');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

suite('at the core', { timeout: 300_000 }, () => {
  let databases: TestDatabase;
  let database: Database;
  let audit: Stoppable;
  const folder = mkdtempSync('/tmp/ovs-audit-');

  before(async () => {
    await serveCore();
    databases = await testDatabase();
    database = await openDatabase({ url: databases.url, entities: auditEntities, log, role: DATABASE_ROLE });
    const config = coreConfig({ OVERSEER_DATA: server.data, OVERSEER_NATS: server.servers[0] ?? '' });
    const bus = await server.connect('audit');
    audit = await startAudit({ bus, log, database, data: server.data, config, version: '0', health: newHealth() });
  });
  after(async () => {
    await Promise.all(nodes.splice(0).map(({ agent }) => agent.stop()));
    await audit?.stop();
    await server?.stop();
    await database?.close();
    await databases?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('what is done while the core is away arrives in order when it is back, without a fault', async () => {
    const node = await newNode();
    const { seed, publicKey } = newUserKey();
    await registry.emit(
      'auditRecord',
      { service: 'registry' },
      {
        ...{ kind: 'audit', id: newId(), at: new Date().toISOString(), action: 'node.register', outcome: 'accepted' },
        ...{ object: `nodes/${node.id}`, code: null, detail: { publicKey } },
        actor: { kind: 'operator', id: 'admin', requestId: newId() },
      },
    );
    const identity = { node: node.id, key: userKey(seed) };
    const open = () => openStore(`${folder}/state.db`, { newEpoch: newId, log, audit: identity });
    await node.desire(['one']);
    await node.start({ store: open() });
    await until(() => up(node).join() === 'one', SOON_MS, 'the stack');
    await server.kill();
    await until(() => !node.agent.isConnected, SOON_MS, 'the link to be seen gone');
    // Down with it, too: what it did by itself is on its disk.
    await node.agent.stop();
    node.runtime.containers.clear();
    await node.start({ store: open() });
    await until(() => up(node).join() === 'one', SOON_MS, 'the stack to be brought back without a core');
    await server.restart();
    const gateway = await server.connect('gateway');
    const list = async () => (await gateway.request('listAudit', {}, { actor: node.id, limit: 1000 })).items.reverse();
    const done = async () => (await list()).map(({ action, outcome }) => `${action} ${outcome}`);
    await until(
      async () => (await done()).filter((each) => each === 'stack.up succeeded').length >= 2,
      SOON_MS,
      'both',
    );
    const items = await list();
    assert.deepEqual(
      items.filter(({ fault }) => fault !== null),
      [],
    );
    assert.ok(items.every(({ partition }) => partition === `node:${node.id}`));
    assert.deepEqual(
      items.map(({ number }) => number),
      items.map((_, at) => at + 1),
    );
    const words = await done();
    assert.ok(
      words.includes('document.accept succeeded') &&
        words.filter((word) => word === 'agent.start succeeded').length === 2,
    );
    for (const [at, word] of words.entries()) {
      if (word === 'stack.up succeeded') assert.equal(words[at - 1], 'stack.up accepted', 'the intent is first');
    }
  });
});
