// Anti-entropy towards the registry: its list of nodes against the copy kept here, then placement of all stacks on all
// nodes. Makes good whatever fact was lost, came late, or said too little.
import type { Bus } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { Issuer } from './issuer.ts';
import { dropNode } from './node-facts.ts';
import { placeNodes } from './placing.ts';
import { activeNodes, saveLiveness, saveNode } from './store/nodes.ts';
import { lockPlacement } from './store/rows.ts';

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

/** @returns how many nodes got a new document */
export async function compareWithRegistry(database: Database, bus: Bus, issuer: Issuer): Promise<number> {
  const at = issuer.now();
  const nodes = await registryNodes(bus);
  const there = new Set(nodes.map(({ id }) => id));
  return database.transaction(async (em) => {
    await lockPlacement(em);
    for (const { id, toldAt } of await activeNodes(em)) {
      if (!there.has(id) && toldAt < at) await dropNode(em, issuer, id, at);
    }
    const known = new Map((await activeNodes(em)).map((row) => [row.id, row]));
    for (const { id, name, labels, heartbeatSeconds, paused, drained, liveness } of nodes) {
      const config = { name, labels, heartbeatSeconds, paused, drained };
      await saveNode(em, { id, config, liveness, at });
      if (known.get(id)?.liveness !== liveness) await saveLiveness(em, id, liveness, at);
    }
    return placeNodes(em, issuer, await activeNodes(em));
  });
}
