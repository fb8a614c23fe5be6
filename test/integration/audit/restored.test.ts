// A database that was put back onto a server that has the audit's role: rights were not put back with it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DATABASE_ROLE } from '#services/audit/store/entities.ts';
import { recordOf, type Stage, setStage, verified } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await setStage();
});
after(() => stage?.stop());

const isRestricted = async () => (await stage.gateway.request('summarizeAudit', {}, {})).isRestricted;

test('the audit works as the user of the database, and says that it may more than it should', async () => {
  assert.equal(await isRestricted(), true, 'control: here it works as its role');
  await stage.stopAudit();
  await stage.owner.transaction(async (em) => {
    for (const table of ['audit_chain', 'audit_checkpoints', 'audit_sealed_heads', 'audit_records', 'dead_letter']) {
      await em.execute(`revoke all on ${table} from ${DATABASE_ROLE.name}`, [], 'run');
    }
  });
  await stage.start();
  await stage.emit(recordOf('stacks/after'));
  await stage.untilKept('stacks/after', 1);
  assert.equal(await isRestricted(), false);
  assert.deepEqual((await verified(stage.gateway)).faults, []);
});
