// A database that was rewritten with everything that is in it right, and one that was set back: no chain shows it, those
// who hold checkpoints do.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { judgeCheckpoint } from '#agent/audit/accept-checkpoint.ts';
import { memoryWitness, startWitness } from '#agent/audit/witness.ts';
import { signCheckpoint } from '#infra/audit/checkpoint.ts';
import { newId } from '#infra/ids.ts';
import { newSigningKey } from '#infra/signing/ed25519.ts';
import { startAppending } from '#services/audit/appending.ts';
import { makeCheckpoint } from '#services/audit/checkpoints.ts';
import { auditSigner } from '#services/audit/signer.ts';
import type { HeldCheckpoint } from '#subjects/schema/audit-verification.ts';
import type { SignedCheckpoint } from '#subjects/schema/checkpoint.ts';
import { asOwner, keepCopy, putBack } from '#test/harness/audit-trail.ts';
import { until } from '#test/harness/until.ts';
import { recordOf, SOON_MS, type Stage, setStage, verified } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await setStage();
});
after(() => stage?.stop());

const newest = async () => (await stage.gateway.request('summarizeAudit', {}, {})).newest;
const own = () => join(stage.nats.data, 'audit-checkpoint.json');

/** Records, and a checkpoint that has them. */
async function recorded(object: string, count: number): Promise<SignedCheckpoint> {
  const before = (await newest())?.checkpoint.number ?? 0;
  for (let at = 0; at < count; at++) await stage.emit(recordOf(object));
  await stage.untilKept(object, count);
  await stage.stopAudit();
  await stage.start();
  return until(
    async () => {
      const found = await newest();
      return found !== null && found.checkpoint.number > before ? found : null;
    },
    SOON_MS,
    'a checkpoint of them',
  );
}

test('agents hear of every checkpoint, take those that follow, and say so when one contradicts them', async () => {
  const node = newId();
  const agent = await stage.nats.connect('node', node);
  const refused: string[] = [];
  const conflicts: (string | null)[] = [];
  const witness = await startWitness({
    file: memoryWitness(),
    log: { warn() {}, error() {} },
    onConflict: (reason) => void conflicts.push(reason),
    onRefused: (reason) => void refused.push(reason),
  });
  agent.listen('checkpoint', (signed, { service }) => {
    assert.equal(service, 'audit');
    witness.offer(signed);
  });
  await agent.flush();
  const first = await recorded('stacks/heard', 3);
  await until(
    () => witness.held().held.some(({ signature }) => signature === first.signature),
    SOON_MS,
    'it to be held',
  );
  const second = await recorded('stacks/heard-again', 3);
  await until(() => witness.held().held.at(-1)?.signature === second.signature, SOON_MS, 'the next to be held');
  assert.deepEqual([refused, conflicts], [[], []]);
  const held: HeldCheckpoint[] = witness.held().held.map((checkpoint) => ({ checkpoint, holders: [node] }));
  assert.deepEqual((await verified(stage.gateway, held)).faults, [], 'control: nothing contradicts');
  const ofOldKey = { checkpoint: signCheckpoint(first.checkpoint, newSigningKey()), holders: [node] };
  const [replaced] = (await verified(stage.gateway, [...held, ofOldKey])).faults;
  assert.match(replaced?.detail ?? '', /holds one that this audit service did not sign/);

  // Whoever has even the key makes another history, with right hashes, seals, signatures and checkpoints.
  await stage.stopAudit();
  await keepCopy(stage.owner);
  await asOwner(stage.owner, async (em) => {
    for (const table of ['audit_chain', 'audit_checkpoints', 'audit_sealed_heads']) {
      await em.execute(`truncate ${table}`, [], 'run');
    }
  });
  rmSync(own());
  const signer = auditSigner(stage.nats.data);
  const now = () => new Date();
  const forging = startAppending({ database: stage.owner, signer, now });
  for (let at = 0; at < second.checkpoint.number; at++) {
    await forging.append({ partition: 'gateway', record: recordOf('stacks/never') });
    await stage.owner.transaction((em) => makeCheckpoint(em, { signer, now }));
  }
  await stage.start();
  assert.deepEqual((await verified(stage.gateway)).faults, [], 'it is right in itself');
  const { faults } = await verified(stage.gateway, held);
  assert.ok(faults.length > 0 && faults.every(({ kind }) => kind === 'witness'), JSON.stringify(faults));
  assert.match(faults[0]?.detail ?? '', new RegExp(`${node} holds another one: the database was rewritten`));
  const other = (await newest()) as SignedCheckpoint;
  assert.equal(judgeCheckpoint(witness.held(), other).kind, 'conflict');
  await until(() => refused.length === 1 && conflicts.length === 1, SOON_MS, 'the node to say so');
  await stage.stopAudit();
  await putBack(stage.owner);
  await stage.start();
});

test('a database of an earlier day is told as a fork, by its own core and by who holds what it lost', async () => {
  await recorded('stacks/before', 2);
  await stage.stopAudit();
  await keepCopy(stage.owner);
  await stage.start();
  const lost = await recorded('stacks/lost', 4);
  await stage.stopAudit();
  await putBack(stage.owner);
  await stage.start();
  const held = [{ checkpoint: lost, holders: ['the given checkpoint'] }];
  const { faults } = await verified(stage.gateway, held);
  assert.match(faults.map(({ detail }) => detail).join(), /here there is none: the database was set back/);
  await stage.untilKept(`checkpoints/${lost.checkpoint.number}`, 1);
  const [told] = (await stage.list({ action: 'audit.fork' })).items;
  assert.equal(told?.outcome, 'failed');
  // What proves it stays, though checkpoints of the new history are made.
  const after = await recorded('stacks/after', 5);
  assert.ok(after.checkpoint.number > 0);
  assert.ok((await verified(stage.gateway)).faults.some(({ kind }) => kind === 'witness'));
});
