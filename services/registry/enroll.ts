// Enrollment: a token is redeemed, a node is there. One transaction, and the token's row is locked in it, so that of a
// thousand who try at once one gets through.

import type { OutputOf } from '#infra/nats/bus.ts';
import { isDuplicate } from '#infra/postgres/faults.ts';
import type { EntityManager } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { Registration } from '#subjects/schema/node.ts';
import { isProof, tokenHash } from './authority.ts';
import { decideEnrollment, type Enrollment } from './enrollment.ts';
import { freeName, suggestedName } from './naming.ts';
import { coreFact } from './node-facts.ts';
import { nodeView } from './node-view.ts';
import { audit, type RegistryParts, tell } from './parts.ts';
import type { NodeRow, TokenRow } from './store/entities.ts';
import { addNode, lockNames, ownerOfKey, takenNames } from './store/nodes.ts';
import { lockTokenByHash, tokenByHash } from './store/tokens.ts';

const REASONS = {
  'token-unknown': 'the token was not made by this core',
  'token-revoked': 'the token was revoked',
  'token-expired': 'the token has expired; make a new one',
  'token-used': 'the token has been used; make a new one for each node',
  'key-taken': 'the key belongs to another node',
} as const;

function refusal(code: keyof typeof REASONS): OverseerError {
  return new OverseerError(code, REASONS[code]);
}

async function nameFor(em: EntityManager, token: TokenRow, hostname: string): Promise<string> {
  await lockNames(em);
  const wanted = token.name ?? suggestedName(hostname);
  const taken = await takenNames(em, wanted);
  if (token.name && taken.has(wanted)) throw new OverseerError('name-taken', `there is a node called ${wanted}`);
  return freeName(wanted, (name) => taken.has(name));
}

function newNode(id: string, name: string, token: TokenRow, registration: Registration, at: Date): NodeRow {
  const { publicKey, ageRecipient, agentVersion, facts } = registration;
  return {
    ...{ id, name, publicKey, ageRecipient, agentVersion, facts },
    labels: token.labels,
    heartbeatSeconds: 10,
    paused: false,
    drained: false,
    enrollmentToken: token.id,
    bootId: null,
    nonce: null,
    pruneImages: 'off',
    observedGeneration: null,
    liveness: 'pending',
    livenessSince: null,
    lastSeenAt: null,
    createdAt: at,
    credentialExpiresAt: null,
    removedAt: null,
    revokedAt: null,
  };
}

async function decide(em: EntityManager, token: TokenRow | null, publicKey: string, now: Date) {
  const owner = await ownerOfKey(em, publicKey);
  return { owner, decision: decideEnrollment(token, owner, now) };
}

function orRefuse(decision: Enrollment): void {
  if (decision.kind === 'refused') throw refusal(decision.code);
}

async function redeem(
  parts: RegistryParts,
  em: EntityManager,
  by: Actor,
  registration: Registration,
): Promise<{ node: NodeRow; answer: OutputOf<'registerNode'> }> {
  const now = parts.now();
  const token = await lockTokenByHash(em, tokenHash(registration.token));
  const { owner, decision } = await decide(em, token, registration.publicKey, now);
  orRefuse(decision);
  if (token === null) throw refusal('token-unknown');
  let node = owner;
  if (node === null) {
    const name = await nameFor(em, token, registration.facts.hostname);
    node = addNode(em, newNode(parts.newId(), name, token, registration, now));
    token.used += 1;
  }
  const credential = parts.authority.issueCredential(node.id, node.publicKey, now);
  node.credentialExpiresAt = new Date(credential.expiresAt);
  const { id, name, labels } = node;
  const detail = { name, token: token.id, publicKey: node.publicKey, again: decision.kind === 'again' };
  await audit(em, { actor: by, action: 'node.register', object: `nodes/${id}`, detail }, now);
  if (decision.kind === 'new')
    await tell(em, coreFact(nodeView(node), 'registered', { id: parts.newId(), at: now, by }));
  return { node, answer: { node: { id, name, labels }, credential, documentSigner: parts.authority.documentSigner() } };
}

/** The same key with the same token gets the same node again: its answer may have been lost. */
export async function registerNode(
  parts: RegistryParts,
  by: Actor,
  registration: Registration,
): Promise<OutputOf<'registerNode'>> {
  const { database, authority, watch } = parts;
  const { token, publicKey, proof } = registration;
  if (!authority.isOurToken(token)) throw refusal('token-unknown');
  if (!isProof('enrollment', token, proof, publicKey)) {
    throw new OverseerError('proof-invalid', 'the proof is not a signature of the token by this key');
  }
  // Before the lock: a used token that is tried in a loop must not queue up behind it.
  const early = await database.read(async (em) =>
    decide(em, await tokenByHash(em, tokenHash(token)), publicKey, parts.now()),
  );
  orRefuse(early.decision);
  try {
    const { node, answer } = await database.transaction((em) => redeem(parts, em, by, registration));
    watch.add(node);
    return answer;
  } catch (error) {
    if (isDuplicate(error, 'nodes_public_key')) throw refusal('key-taken');
    throw error;
  }
}
