// What waited and can be sealed now: the node told no recipient before, or the secret was set when there was no vault.
import type { Database } from '#infra/postgres/orm.ts';
import { type Issuer, issueDocuments } from '../issuer.ts';
import { type Em, lockPlacement } from '../store/rows.ts';
import { type WaitingPlace, waitingPlaces } from '../store/secret-uses.ts';
import { sealPlaces } from './sealed.ts';

async function sealable(em: Em): Promise<WaitingPlace[]> {
  return (await waitingPlaces(em)).filter(({ recipient }) => recipient !== null);
}

/** @returns nodes that got a new document */
export async function releaseWaiting(database: Database, issuer: Issuer): Promise<string[]> {
  if (issuer.vault === null) return [];
  // Looked at without the lock first: nearly always there is nothing to do.
  if ((await database.read(sealable)).length === 0) return [];
  return database.transaction(async (em) => {
    await lockPlacement(em);
    const nodes = await sealPlaces(em, issuer, await sealable(em));
    await issueDocuments(em, issuer, [], nodes);
    return nodes;
  });
}
