// Records that somebody put into the database between two checkpoints, with right hashes: nothing signs them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newSigningKey } from '#infra/signing/ed25519.ts';
import { startAppending } from '#services/audit/appending.ts';
import { signerOf } from '#services/audit/signer.ts';
import { headsOf } from '#services/audit/store/checkpoints.ts';
import { recordOf, type Stage, setStage, verified } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await setStage();
});
after(() => stage?.stop());

const sealedOf = async (partition: string) => (await stage.owner.read((em) => headsOf(em, partition, 0, 9))).length;

test('a partition with such a record is signed no more, which is told; the others are', async () => {
  await stage.stopAudit();
  const now = () => new Date();
  // As whoever owns the database, but not the key.
  const forging = startAppending({ database: stage.owner, signer: signerOf(newSigningKey()), now });
  await forging.append({ partition: 'scheduler', record: recordOf('stacks/forged') });
  await stage.start();
  await stage.emit(recordOf('stacks/genuine'));
  await stage.untilKept('stacks/genuine', 1);
  await stage.untilKept('partitions/scheduler', 1);
  await stage.stopAudit();
  await stage.start();
  // One round more is made at each start; it is over when the service has stopped.
  await stage.stopAudit();
  assert.equal(await sealedOf('scheduler'), 0);
  assert.ok((await sealedOf('gateway')) > 0, 'control: another is signed');
  await stage.start();
  const [told] = (await stage.list({ object: 'partitions/scheduler' })).items;
  assert.deepEqual([told?.action, told?.detail['kind'], told?.detail['number']], ['audit.fork', 'forged', 1]);
  const { faults } = await verified(stage.gateway);
  assert.deepEqual(
    faults.map(({ partition, number, kind }) => [partition, number, kind]),
    [['scheduler', 1, 'forged']],
  );
});

test('a partition without a name is looked at like any other', async () => {
  const now = () => new Date();
  const forging = startAppending({ database: stage.owner, signer: signerOf(newSigningKey()), now });
  await forging.append({ partition: '', record: recordOf('stacks/nameless') });
  const { faults } = await verified(stage.gateway);
  assert.deepEqual([faults[0]?.partition, faults[0]?.kind], ['', 'forged']);
});
