// Secrets as callers see them: never a value.
import type { SecretList, SecretRecipients } from '#subjects/schema/secret.ts';
import { cursorOf, narrowed, PAGE_SIZE, pageOf, readCursor } from '../cursor.ts';
import type { Em } from '../store/rows.ts';
import { credentialUses, secretPlaces, secretUses, waitingPlaces } from '../store/secret-uses.ts';
import { pageOfSecrets } from '../store/secrets.ts';
import type { SecretKeys } from './keys.ts';

const LIST = 'secrets';
const PLACES = 'secret-places';
/** Some 150 bytes each. */
const PLACES_A_PAGE = 4000;

export async function secretList(
  em: Em,
  keys: SecretKeys,
  query: { limit?: number | undefined; cursor?: string | undefined },
): Promise<SecretList> {
  const limit = query.limit ?? PAGE_SIZE;
  const [after = null] = query.cursor === undefined ? [] : readCursor(query.cursor, LIST, 1);
  const found = await pageOfSecrets(em, after, limit + 1);
  const { items, nextCursor } = pageOf(found, limit, ({ name }) => cursorOf(LIST, name));
  const names = items.map(({ name }) => name);
  const used = [...(await secretUses(em, names)), ...(await credentialUses(em, names))];
  const uses = Map.groupBy(used, ({ name }) => name);
  const waiting = Map.groupBy(await waitingPlaces(em, names), ({ name }) => name);
  const told = items.map(({ createdAt, updatedAt, ...secret }) => ({
    ...secret,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    stacks: [...new Set((uses.get(secret.name) ?? []).map(({ stack }) => stack))].sort(),
    waiting: [...new Set((waiting.get(secret.name) ?? []).map(({ node }) => node))].sort(),
  }));
  return {
    ...narrowed({ items: told, nextCursor }, ({ name }) => cursorOf(LIST, name)),
    mode: keys.mode,
    recoveryRecipient: await keys.recovery(),
  };
}

/** Where a new value is to be sealed for. */
export async function placesPage(
  em: Em,
  name: string,
  cursor: string | undefined,
): Promise<Pick<SecretRecipients, 'nodes' | 'nextCursor'>> {
  const [node = '', stack = ''] = cursor === undefined ? [] : readCursor(cursor, PLACES, 2);
  const found = await secretPlaces(em, name, { after: { node, stack }, limit: PLACES_A_PAGE + 1 });
  const { items, nextCursor } = pageOf(found, PLACES_A_PAGE, (last) => cursorOf(PLACES, last.node, last.stack));
  return { nodes: items, nextCursor };
}
