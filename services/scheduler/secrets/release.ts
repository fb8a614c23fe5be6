// What waited and can be sealed now: the node told no recipient before, or the secret was set when there was no vault.
import type { Database } from '#infra/postgres/orm.ts';
import type { Issuer } from '../issuer.ts';
import { type Em, lockPlacement } from '../store/rows.ts';
import { type WaitingPlace, waitingPlaces } from '../store/secret-uses.ts';
import { deployAgain, giveOut } from './again.ts';
import { sealPlaces } from './sealed.ts';

async function sealable(em: Em): Promise<WaitingPlace[]> {
  return (await waitingPlaces(em)).filter(({ recipient }) => recipient !== null);
}

export async function releaseWaiting(database: Database, issuer: Issuer): Promise<void> {
  if (issuer.vault === null) return;
  // Looked at without the lock first: nearly always there is nothing to do.
  if ((await database.read(sealable)).length === 0) return;
  await database.transaction(async (em) => {
    await lockPlacement(em);
    const given = await sealPlaces(em, issuer, await sealable(em));
    const by = { kind: 'system', id: 'scheduler', requestId: issuer.newId() } as const;
    if (given.length === 0) return;
    await giveOut(em, issuer, given);
    const stacks = given.map(({ stack }) => stack);
    await deployAgain(em, issuer, stacks, by);
  });
}
