// Enrollment tokens: made, listed, revoked.
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { EnrollmentToken, EnrollmentTokenSpec } from '#subjects/schema/node.ts';
import { tokenHash } from './authority.ts';
import { tokenView } from './node-view.ts';
import { audit, type RegistryParts } from './parts.ts';
import { takenNames } from './store/nodes.ts';
import { addToken, listTokens, lockToken } from './store/tokens.ts';

const DEFAULT_TTL_SECONDS = 3600;

export async function createToken(parts: RegistryParts, by: Actor, spec: EnrollmentTokenSpec, url: string) {
  const { database, authority, newId } = parts;
  const { ttlSeconds = DEFAULT_TTL_SECONDS, uses = 1, labels = {}, name = null } = spec;
  if (name !== null && uses > 1) {
    throw new OverseerError('invalid-input', 'a token with a name is for one node', { fields: { path: 'name' } });
  }
  const createdAt = parts.now();
  // Whole seconds, as in the token's own text.
  const exp = Math.floor(createdAt.getTime() / 1000) + ttlSeconds;
  const expiresAt = new Date(exp * 1000);
  const id = newId();
  const token = authority.issueToken({ id, url, exp });
  await database.transaction(async (em) => {
    if (name !== null && (await takenNames(em, name)).has(name)) {
      throw new OverseerError('name-taken', `there is a node called ${name}`);
    }
    const row = { id, hash: tokenHash(token), name, labels, uses, used: 0, createdAt, expiresAt, revokedAt: null };
    await addToken(em, { ...row, createdBy: `${by.kind}:${by.id}` });
    const detail = { uses, ttlSeconds, name };
    await audit(
      em,
      { actor: by, action: 'enrollment-token.create', object: `enrollment-tokens/${id}`, detail },
      createdAt,
    );
  });
  return { id, token, expiresAt: expiresAt.toISOString() };
}

export async function tokenList({ database, now }: RegistryParts): Promise<{ items: EnrollmentToken[] }> {
  const rows = await database.read((em) => listTokens(em, now()));
  return { items: rows.map(tokenView) };
}

export async function revokeToken({ database, now }: RegistryParts, by: Actor, id: string): Promise<void> {
  await database.transaction(async (em) => {
    const token = await lockToken(em, id);
    if (token === null) throw new OverseerError('not-found', 'there is no such enrollment token');
    token.revokedAt ??= now();
    await audit(
      em,
      { actor: by, action: 'enrollment-token.revoke', object: `enrollment-tokens/${id}`, detail: {} },
      now(),
    );
  });
}
