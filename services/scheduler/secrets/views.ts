// Secrets as callers see them: never a value.
import type { SecretList } from '#subjects/schema/secret.ts';
import { cursorOf, PAGE_SIZE, pageOf, readCursor } from '../cursor.ts';
import type { Em } from '../store/rows.ts';
import { credentialUses, secretUses, waitingPlaces } from '../store/secret-uses.ts';
import { pageOfSecrets } from '../store/secrets.ts';
import type { SecretKeys } from './keys.ts';

const LIST = 'secrets';

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
  return {
    items: items.map(({ createdAt, updatedAt, ...secret }) => ({
      ...secret,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
      stacks: [...new Set((uses.get(secret.name) ?? []).map(({ stack }) => stack))].sort(),
      waiting: [...new Set((waiting.get(secret.name) ?? []).map(({ node }) => node))].sort(),
    })),
    nextCursor,
    mode: keys.mode,
    recoveryRecipient: await keys.recovery(),
  };
}
