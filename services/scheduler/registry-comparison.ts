// Anti-entropy towards the registry: its list of nodes against the copy kept here, then placement of all stacks on all
// nodes. Makes good whatever fact was lost, came late, or said too little.
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Node } from '#subjects/schema/node.ts';
import { isSame } from './fingerprint.ts';
import type { Issuer } from './issuer.ts';
import { configOf, dropNode } from './node-facts.ts';
import { differingNodes, placeNode } from './placing.ts';
import { activeNodes, nodesById, saveLiveness, saveNode } from './store/nodes.ts';
import { type Em, lockPlacement } from './store/rows.ts';

const PAGE = 500;

export async function registryNodes(bus: Bus): Promise<Node[]> {
  const nodes: Node[] = [];
  let cursor: string | null = null;
  do {
    const input: { limit: number; cursor?: string } = cursor === null ? { limit: PAGE } : { limit: PAGE, cursor };
    const page = await bus.request('listNodes', {}, input);
    nodes.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return nodes;
}

async function copyNodes(em: Em, issuer: Issuer, nodes: readonly Node[], at: Date): Promise<string[]> {
  await lockPlacement(em);
  const there = new Set(nodes.map(({ id }) => id));
  for (const { id, toldAt } of await activeNodes(em)) {
    if (!there.has(id) && toldAt < at) await dropNode(em, issuer, id, at);
  }
  const known = new Map((await activeNodes(em)).map((row) => [row.id, row]));
  for (const node of nodes) {
    const { id, liveness, ageRecipient } = node;
    const row = known.get(id);
    const config = configOf(node);
    const isKnown = row && isSame(row.config, config) && (row.ageRecipient ?? null) === ageRecipient;
    if (!isKnown) await saveNode(em, { id, config, ageRecipient, liveness, at });
    else if (row.liveness !== liveness) await saveLiveness(em, id, liveness, at);
  }
  return differingNodes(em, issuer, await activeNodes(em));
}

/** Each node by itself: one whose document would not fit holds up no other. @returns how many got a new document */
export async function compareWithRegistry(database: Database, bus: Bus, issuer: Issuer, log: Logger): Promise<number> {
  const at = issuer.now();
  const nodes = await registryNodes(bus);
  const differing = await database.transaction((em) => copyNodes(em, issuer, nodes, at));
  let placed = 0;
  for (const id of differing) {
    try {
      await database.transaction(async (em) => {
        await lockPlacement(em);
        const [row] = await nodesById(em, [id]);
        if (row) await placeNode(em, issuer, row);
      });
      placed += 1;
    } catch (error) {
      if (!(error instanceof OverseerError) || error.code !== 'document-too-large') throw error;
      log.warn({ node: id, ...error.fields }, 'a node keeps its old document: the new one would be too large');
    }
  }
  return placed;
}
