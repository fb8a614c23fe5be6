// Credentials of nodes that are there: renewed by the node over the bus, asked for anew over HTTP after a long absence,
// rotated when an operator says so.
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { Credential, Reauthentication } from '#subjects/schema/node.ts';
import { isProof } from './authority.ts';
import { excessiveSkew } from './enrollment.ts';
import { coreFact } from './node-facts.ts';
import { nodeView } from './node-view.ts';
import { audit, type RegistryParts, tell } from './parts.ts';
import type { NodeRow } from './store/entities.ts';
import { findNode, lockNode } from './store/nodes.ts';

/** @throws OverseerError `node-not-found`, or `node-revoked` when it was deregistered */
export function living(node: NodeRow | null): NodeRow {
  if (node === null) throw new OverseerError('node-not-found', 'there is no such node');
  if (node.removedAt) throw new OverseerError('node-revoked', `node ${node.name} was deregistered`);
  return node;
}

async function issue(parts: RegistryParts, by: Actor, id: string, action: string): Promise<Credential> {
  return parts.database.transaction(async (em) => {
    const now = parts.now();
    const node = living(await lockNode(em, id));
    const credential = parts.authority.issueCredential(id, node.publicKey, now);
    node.credentialExpiresAt = new Date(credential.expiresAt);
    const detail = { expiresAt: credential.expiresAt };
    await audit(em, { actor: by, action, object: `nodes/${id}`, detail }, now);
    await tell(
      em,
      coreFact(nodeView(node, parts.watch.live(id)), 'credential-renewed', { id: parts.newId(), at: now, by }),
    );
    return credential;
  });
}

export function renew(parts: RegistryParts, node: string): Promise<Credential> {
  const by: Actor = { kind: 'node', id: node, requestId: parts.newId() };
  return issue(parts, by, node, 'credential.renew');
}

export async function reauthenticate(
  parts: RegistryParts,
  by: Actor,
  { node: id, at, proof }: Reauthentication,
): Promise<Credential> {
  const node = await parts.database.read((em) => findNode(em, id));
  if (node === null || !isProof('reauthentication', `${id}\n${at}`, proof, node.publicKey)) {
    // The same for both: whoever lacks the key learns nothing of which nodes there are.
    throw new OverseerError('proof-invalid', 'the proof is not a signature by the key of this node');
  }
  living(node);
  const offsetMs = excessiveSkew(new Date(at), parts.now());
  if (offsetMs !== null) {
    const seconds = Math.round(offsetMs / 1000);
    throw new OverseerError('clock-skew', `the node's clock is ${seconds} s off the core's`, { fields: { offsetMs } });
  }
  return issue(parts, by, id, 'credential.reauthenticate');
}

/** Only the scheduler signs commands. @throws OverseerError `node-offline` when the node never said hello */
export async function rotate(parts: RegistryParts, by: Actor, id: string): Promise<void> {
  const { bus, database } = parts;
  const nonce = await database.transaction(async (em) => {
    const node = living(await lockNode(em, id));
    if (!node.nonce) throw new OverseerError('node-offline', 'the node has never been connected');
    await audit(em, { actor: by, action: 'credential.rotate', object: `nodes/${id}`, detail: {} }, parts.now());
    return node.nonce;
  });
  await bus.request('sendCommand', {}, { by, node: id, nonce, verb: 'renew' });
}

/** What commands to the node must name. @throws OverseerError `node-not-found` */
export async function commandNonce({ database }: RegistryParts, id: string): Promise<{ nonce: string | null }> {
  return database.read(async (em) => ({ nonce: living(await findNode(em, id)).nonce ?? null }));
}
