// Desired documents: one a node. The generation grows inside the transaction, by an update that returns the new value.
import type { NodeConfig } from '#subjects/schema/node.ts';
import { DocumentRow } from './entities.ts';
import { type Em, rows } from './rows.ts';

/** Made once; a database that was restored from a backup is given a new one. */
export async function readEpoch(em: Em, newEpoch: string): Promise<string> {
  await rows(em, 'insert into desired_epoch (one, epoch) values (true, ?) on conflict do nothing', [newEpoch]);
  const [row] = await rows<{ epoch: string }>(em, 'select epoch from desired_epoch');
  return row?.epoch ?? newEpoch;
}

/** Next generation of each node, its row locked. */
export async function raiseGenerations(em: Em, nodes: readonly string[], epoch: string): Promise<Map<string, number>> {
  if (nodes.length === 0) return new Map();
  const raised = await rows<{ node: string; generation: string | number }>(
    em,
    `insert into desired_documents (node, epoch, generation, hash, config, payload, issued_at)
     select node, ?, 1, '', '{}'::jsonb, ''::bytea, now() from unnest(array[?]::text[]) as t(node)
     on conflict (node) do update set generation = desired_documents.generation + 1, epoch = excluded.epoch
     returning node, generation`,
    [epoch, [...nodes].sort()],
  );
  return new Map(raised.map(({ node, generation }) => [node, Number(generation)]));
}

/** The next generation will be above this one. @returns false when it already would be */
export async function raiseAbove(em: Em, node: string, generation: number): Promise<boolean> {
  const raised = await rows(
    em,
    'update desired_documents set generation = ? where node = ? and generation < ? returning node',
    [generation, node, generation],
  );
  return raised.length > 0;
}

export async function saveDocument(
  em: Em,
  document: { node: string; hash: string; config: NodeConfig; payload: Buffer; issuedAt: string },
): Promise<void> {
  await rows(
    em,
    `update desired_documents set hash = ?, config = ?::jsonb, payload = ?, issued_at = ?::timestamptz where node = ?`,
    [document.hash, JSON.stringify(document.config), document.payload, document.issuedAt, document.node],
  );
}

/** Without payloads. */
export function documentHeads(em: Em, nodes?: readonly string[]): Promise<DocumentRow[]> {
  return em.find(DocumentRow, nodes ? { node: { $in: [...nodes] } } : {}, { disableIdentityMap: true });
}

/** The document as it was signed, with its generation. */
export async function payloadOf(em: Em, node: string): Promise<{ generation: number; payload: Buffer } | null> {
  const [row] = await rows<{ generation: string | number; payload: Buffer }>(
    em,
    'select generation, payload from desired_documents where node = ?',
    [node],
  );
  return row ? { generation: Number(row.generation), payload: Buffer.from(row.payload) } : null;
}

/**
 * Nodes whose last report does not name their current document, a while after it was made: pushed and lost, or away.
 */
export async function nodesBehind(em: Em, issuedBefore: Date): Promise<string[]> {
  const behind = await rows<{ node: string }>(
    em,
    `select d.node from desired_documents d left join node_reports r on r.node = d.node
     where d.issued_at < ?::timestamptz
       and (r.node is null or (r.report->'document'->>'hash') is distinct from d.hash)
     order by d.node`,
    [issuedBefore.toISOString()],
  );
  return behind.map(({ node }) => node);
}
