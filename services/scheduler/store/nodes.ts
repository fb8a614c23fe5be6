// The scheduler's copy of the registry's nodes. What is older than what is known changes nothing.
import type { NodeConfig } from '#subjects/schema/node.ts';
import { NodeRow } from './entities.ts';
import { type Em, rows } from './rows.ts';

export function activeNodes(em: Em): Promise<NodeRow[]> {
  return em.find(NodeRow, { removed: false }, { disableIdentityMap: true });
}

export function nodesById(em: Em, ids: readonly string[]): Promise<NodeRow[]> {
  return em.find(NodeRow, { id: { $in: [...ids] }, removed: false }, { disableIdentityMap: true });
}

/** @returns false when something newer was known */
export async function saveNode(
  em: Em,
  node: { id: string; config: NodeConfig; ageRecipient: string | null; liveness: string; at: Date },
): Promise<boolean> {
  const at = node.at.toISOString();
  const saved = await rows(
    em,
    `insert into placed_nodes (id, config, age_recipient, liveness, removed, told_at, liveness_at)
     values (?, ?::jsonb, ?, ?, false, ?::timestamptz, ?::timestamptz)
     on conflict (id) do update set config = excluded.config, age_recipient = excluded.age_recipient, told_at = excluded.told_at,
       liveness = case when placed_nodes.liveness_at <= excluded.liveness_at then excluded.liveness
                       else placed_nodes.liveness end,
       liveness_at = greatest(placed_nodes.liveness_at, excluded.liveness_at)
     where not placed_nodes.removed and placed_nodes.told_at <= excluded.told_at
     returning id`,
    [node.id, JSON.stringify(node.config), node.ageRecipient, node.liveness, at, at],
  );
  return saved.length > 0;
}

/** For good: ids are never used again, so a late fact can't bring the node back. */
export async function markNodeRemoved(em: Em, id: string, at: Date): Promise<void> {
  const time = at.toISOString();
  await rows(
    em,
    `insert into placed_nodes (id, config, liveness, removed, told_at, liveness_at)
     values (?, '{}'::jsonb, 'offline', true, ?::timestamptz, ?::timestamptz)
     on conflict (id) do update set removed = true, told_at = excluded.told_at`,
    [id, time, time],
  );
  await rows(em, 'delete from desired_documents where node = ?', [id]);
  await rows(em, 'delete from assignments where node = ?', [id]);
  await rows(em, 'delete from observed_stacks where node = ?', [id]);
  await rows(em, 'delete from node_reports where node = ?', [id]);
}

export async function saveLiveness(em: Em, id: string, liveness: string, at: Date): Promise<void> {
  await rows(
    em,
    `update placed_nodes set liveness = ?, liveness_at = ?::timestamptz
     where id = ? and liveness_at <= ?::timestamptz`,
    [liveness, at.toISOString(), id, at.toISOString()],
  );
}

/** Also of nodes that are gone. */
export async function nodeNames(em: Em, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const found = await rows<{ id: string; name: string | null }>(
    em,
    `select id, config->>'name' as name from placed_nodes where id in (?)`,
    [ids],
  );
  return new Map(found.map(({ id, name }) => [id, name ?? id]));
}
