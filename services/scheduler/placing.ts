// Joins placement and documents: what changes on nodes becomes assignments, documents and targets of deployments.
import { isSame } from './fingerprint.ts';
import { type Issuer, issueDocuments } from './issuer.ts';
import { type Change, type PlacedNode, type PlacedStack, place } from './placement.ts';
import { advanceOpen, settle } from './progress.ts';
import { assignedTo } from './store/assignments.ts';
import { lockDeployments, saveTargets } from './store/deployments.ts';
import { documentHeads } from './store/documents.ts';
import type { NodeRow, StackRow, TargetRow } from './store/entities.ts';
import type { Em } from './store/rows.ts';
import { allStacks } from './store/stacks.ts';

export function placedStack(row: StackRow): PlacedStack {
  const { name, revision, state, hash, stoppedHash, resolution, targets, deployment, removedAt, removedVolumes } = row;
  const removed = removedAt ? { volumes: removedVolumes } : null;
  return {
    ...{ name, revision, state, hash, stoppedHash, resolution, targets, removed },
    deployment: deployment ?? null,
    stoppedNodes: new Set(row.stoppedNodes),
    heldNodes: new Set(),
  };
}

export function placedNode({ id, config }: NodeRow): PlacedNode {
  return { id, labels: config.labels, drained: config.drained };
}

function targetRow(change: Change, generation: number, isParked: boolean): TargetRow | null {
  const { node, stack, to } = change;
  if (to.deployment === null) return null;
  return {
    deployment: to.deployment,
    node,
    stack,
    action: to.kind === 'run' ? 'run' : 'remove',
    hash: to.kind === 'run' ? to.hash : null,
    generation,
    state: 'pending',
    reason: to.kind === 'run' ? null : 'the stack leaves this node',
    parked: isParked,
    finishedAt: null,
    batch: 1,
    failure: null,
  } as TargetRow;
}

/** Stores changes with the documents they make. Targets begin as pending. @returns new generation by node */
export async function applyChanges(
  em: Em,
  issuer: Issuer,
  nodes: readonly NodeRow[],
  changes: readonly Change[],
  reconfigured: readonly string[] = [],
): Promise<Map<string, number>> {
  await lockDeployments(
    em,
    changes.flatMap(({ from, to }) => [from?.deployment, to.deployment].filter((id) => id != null)),
  );
  const generations = await issueDocuments(em, issuer, changes, reconfigured);
  const away = new Set(nodes.filter(({ liveness }) => liveness !== 'online').map(({ id }) => id));
  const targets = changes.map((change) =>
    targetRow(change, generations.get(change.node) as number, away.has(change.node)),
  );
  await saveTargets(
    em,
    targets.filter((target) => target !== null),
  );
  return generations;
}

/** A stack that left a node without a deployment: what was under way there ends. */
async function dropTargets(em: Em, issuer: Issuer, changes: readonly Change[]): Promise<void> {
  const left = new Map(
    changes
      .filter(({ from, to }) => from?.kind === 'run' && to.kind === 'removed')
      .map(({ node, stack }) => [`${node} ${stack}`, node]),
  );
  for (const node of new Set(left.values())) {
    await advanceOpen(em, issuer, { node }, (target) =>
      target.action === 'run' && left.has(`${node} ${target.stack}`)
        ? { type: 'dropped', reason: 'the node is no longer a target' }
        : null,
    );
  }
}

interface Differences {
  readonly changes: readonly Change[];
  /** Nodes without a document, or whose configuration is not the one in it. */
  readonly reconfigured: readonly string[];
}

async function differences(em: Em, issuer: Issuer, nodes: readonly NodeRow[]): Promise<Differences> {
  const ids = nodes.map(({ id }) => id);
  const stacks = (await allStacks(em)).map(placedStack);
  const changes = place(stacks, nodes.map(placedNode), await assignedTo(em, { nodes: ids }), null);
  const known = new Map((await documentHeads(em, ids)).map((head) => [head.node, head]));
  const reconfigured = nodes.filter(({ id, config }) => {
    const head = known.get(id);
    return !head || head.epoch !== issuer.epoch || !isSame(head.config, config);
  });
  return { changes, reconfigured: reconfigured.map(({ id }) => id) };
}

/** Nodes whose document is not what stacks and configuration ask for. */
export async function differingNodes(em: Em, issuer: Issuer, nodes: readonly NodeRow[]): Promise<string[]> {
  const { changes, reconfigured } = await differences(em, issuer, nodes);
  return [...new Set([...changes.map(({ node }) => node), ...reconfigured])].sort();
}

/**
 * Compares all stacks with one node and makes what differs. The caller holds the placement lock.
 * @throws OverseerError `document-too-large`
 */
export async function placeNode(em: Em, issuer: Issuer, node: NodeRow): Promise<void> {
  const { changes, reconfigured } = await differences(em, issuer, [node]);
  await applyChanges(em, issuer, [node], changes, reconfigured);
  await dropTargets(em, issuer, changes);
  const extended = new Set(changes.map(({ to }) => to.deployment).filter((id) => id !== null));
  for (const id of [...extended].sort()) await settle(em, issuer, id);
}
