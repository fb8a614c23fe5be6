// Nodes: listed, configured, removed; and what they say of themselves at each connect.
import { isDeepStrictEqual } from 'node:util';
import type { InputOf } from '#infra/nats/bus.ts';
import type { EntityManager } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { Facts, Hello, Node, NodeConfigPatch } from '#subjects/schema/node.ts';
import { living } from './credentials.ts';
import { coreFact } from './node-facts.ts';
import { nodeView } from './node-view.ts';
import { audit, type RegistryParts, tell } from './parts.ts';
import type { NodeRow } from './store/entities.ts';
import { findNode, lockNames, lockNode, pageOfNodes, takenNames } from './store/nodes.ts';

const PAGE = 100;

export async function nodeList({ database, watch }: RegistryParts, { limit = PAGE, cursor }: InputOf<'listNodes'>) {
  const after = cursor === undefined ? null : Buffer.from(cursor, 'base64url').toString();
  const rows = await database.read((em) => pageOfNodes(em, limit + 1, after));
  const items = rows.slice(0, limit).map((row) => nodeView(row, watch.live(row.id)));
  const last = items.at(-1);
  const nextCursor = rows.length > limit && last ? Buffer.from(last.name).toString('base64url') : null;
  return { items, nextCursor };
}

export async function oneNode({ database, watch }: RegistryParts, id: string): Promise<Node> {
  const row = await database.read((em) => findNode(em, id));
  if (row === null || row.removedAt) throw new OverseerError('node-not-found', 'there is no such node');
  return nodeView(row, watch.live(id));
}

function tellUpdated(parts: RegistryParts, em: EntityManager, row: NodeRow, by?: Actor): Promise<void> {
  const stamp = { id: parts.newId(), at: parts.now(), ...(by ? { by } : {}) };
  return tell(em, coreFact(nodeView(row, parts.watch.live(row.id)), 'updated', stamp));
}

export async function configure(parts: RegistryParts, by: Actor, id: string, patch: NodeConfigPatch): Promise<Node> {
  const { database, watch, now } = parts;
  const row = await database.transaction(async (em) => {
    const node = living(await lockNode(em, id));
    const changed = Object.keys(patch).filter(
      (key) => !isDeepStrictEqual(node[key as keyof NodeConfigPatch], patch[key as keyof NodeConfigPatch]),
    );
    if (changed.includes('name') && patch.name) {
      await lockNames(em);
      const taken = await takenNames(em, patch.name);
      if (taken.has(patch.name)) throw new OverseerError('name-taken', `there is a node called ${patch.name}`);
    }
    Object.assign(node, patch);
    const detail = { changed: changed.join(' ') };
    await audit(em, { actor: by, action: 'node.configure', object: `nodes/${id}`, detail }, now());
    if (changed.length > 0) await tellUpdated(parts, em, node, by);
    return node;
  });
  return nodeView(row, watch.live(id));
}

/** Gone for everybody when it is stored; answered when its credentials are void and its connection is cut. */
export async function remove(parts: RegistryParts, by: Actor, id: string): Promise<void> {
  const { database, watch, revoker, now, newId } = parts;
  const publicKey = await database.transaction(async (em) => {
    const node = await lockNode(em, id);
    if (node === null || node.revokedAt) throw new OverseerError('node-not-found', 'there is no such node');
    // Removed before, but the server has not confirmed that: the same call again ends it.
    if (node.removedAt) return node.publicKey;
    const at = now();
    node.removedAt = at;
    await audit(em, { actor: by, action: 'node.remove', object: `nodes/${id}`, detail: { name: node.name } }, at);
    await tell(em, coreFact(nodeView(node, watch.live(id)), 'removed', { id: newId(), at, by }, { removed: true }));
    return node.publicKey;
  });
  watch.remove(id);
  await revoker.revoke([{ id, publicKey }]);
}

export async function hello(parts: RegistryParts, id: string, { agentVersion, bootId, nonce, facts }: Hello) {
  await parts.database.transaction(async (em) => {
    const node = living(await lockNode(em, id));
    const isNews = describe(node, agentVersion, facts);
    Object.assign(node, { bootId, nonce });
    if (isNews) await tellUpdated(parts, em, node);
  });
  return { time: parts.now().toISOString() };
}

/** @returns whether it was different before */
export function describe(node: NodeRow, agentVersion: string, facts: Facts): boolean {
  if (node.agentVersion === agentVersion && isDeepStrictEqual({ ...node.facts }, { ...facts })) return false;
  Object.assign(node, { agentVersion, facts });
  return true;
}
