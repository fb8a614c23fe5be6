// What was done for a deployment, node by node, in pages that fit into a message of the bus.
import { OverseerError } from '#subjects/errors.ts';
import type { ListSteps, StepPage } from '#subjects/schema/deployment.ts';
import { cursorOf, fitting, PAGE_BYTES, readCursor } from './cursor.ts';
import { OUTPUT_BYTES_A_TARGET } from './kept-steps.ts';
import { stepsFrom } from './steps.ts';
import { countTargets, findDeployment, targetsOf } from './store/deployments.ts';
import type { Em } from './store/rows.ts';
import { stepEventsOf, weighedTargets } from './store/steps.ts';

const LIST = 'steps';
const NODES_A_PAGE = 200;
/** Output of all nodes together: what a browser still takes at once. */
const OUTPUT_BYTES = 8 * 1024 * 1024;
/** A node's name, its braces and commas. */
const TARGET_BYTES = 120;

/** Up to some eighteen nodes all that is kept; of a thousand nodes the first hundred lines of each. */
function shareOf(targets: number): number {
  return Math.min(OUTPUT_BYTES_A_TARGET, Math.floor(OUTPUT_BYTES / Math.max(1, targets)));
}

async function nodesOfPage(em: Em, id: string, after: string, share: number) {
  const found = await weighedTargets(em, id, { after, limit: NODES_A_PAGE + 1, share });
  const nodes = fitting(found.slice(0, NODES_A_PAGE), ({ bytes }) => bytes + TARGET_BYTES, PAGE_BYTES);
  return { nodes: nodes.map(({ node }) => node), isLast: nodes.length === found.length };
}

/** @throws OverseerError `deployment-not-found`, `node-not-found` when it is no target */
export async function stepPage(em: Em, { id, node, cursor }: ListSteps): Promise<StepPage> {
  if (!(await findDeployment(em, id))) {
    throw new OverseerError('deployment-not-found', `there is no deployment ${id}`);
  }
  const [after = ''] = cursor === undefined ? [] : readCursor(cursor, LIST, 1);
  const share = node === undefined ? shareOf(await countTargets(em, id)) : Number.MAX_SAFE_INTEGER;
  const page = node === undefined ? await nodesOfPage(em, id, after, share) : { nodes: [node], isLast: true };
  const targets = await targetsOf(em, id, page.nodes);
  if (node !== undefined && targets.length === 0) {
    throw new OverseerError('node-not-found', `node ${node} is no target of deployment ${id}`, { fields: { node } });
  }
  const told = Map.groupBy(await stepEventsOf(em, id, page.nodes, share), (event) => event.node);
  const items = targets.map((target) => ({
    ...{ node: target.node, failure: target.failure ?? null },
    steps: stepsFrom(told.get(target.node) ?? []),
  }));
  const last = page.nodes.at(-1);
  return { items, nextCursor: page.isLast || last === undefined ? null : cursorOf(LIST, last) };
}
