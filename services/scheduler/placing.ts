// Joins placement and documents: what changes on nodes becomes assignments, documents and targets of deployments.
import { isSame } from './fingerprint.ts';
import { type Issuer, issueDocuments } from './issuer.ts';
import { type Change, isTarget, type PlacedNode, type PlacedStack, place } from './placement.ts';
import { dropTargets, settle } from './progress.ts';
import { isSettled } from './rollout.ts';
import { assignedTo } from './store/assignments.ts';
import { findDeployment, findTarget, lockDeployments, reachedNodes, saveTargets } from './store/deployments.ts';
import { documentHeads } from './store/documents.ts';
import type { NodeRow, StackRow, TargetRow } from './store/entities.ts';
import type { Em } from './store/rows.ts';
import { allStacks } from './store/stacks.ts';

const NONE: ReadonlySet<string> = new Set();

/** @param heldNodes nodes that its rollout has not come to */
export function placedStack(row: StackRow, heldNodes = NONE): PlacedStack {
  const { name, revision, state, hash, stoppedHash, resolution, targets, deployment, removedAt, removedVolumes } = row;
  const removed = removedAt ? { volumes: removedVolumes } : null;
  return {
    ...{ name, revision, state, hash, stoppedHash, resolution, targets, removed, heldNodes },
    deployment: deployment ?? null,
    stoppedNodes: new Set(row.stoppedNodes),
  };
}

export function placedNode({ id, config }: NodeRow): PlacedNode {
  return { id, labels: config.labels, drained: config.drained };
}

export function isAway({ liveness }: NodeRow): boolean {
  return liveness !== 'online';
}

function targetRow(change: Change, generation: number, parked: boolean, batch: number): TargetRow | null {
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
    parked,
    finishedAt: null,
    batch,
    failure: null,
  } as TargetRow;
}

interface More {
  /** Nodes that need a document even if no stack changes there. */
  readonly reconfigured?: readonly string[];
  readonly batch?: number;
}

/** Stores changes with the documents they make. Targets begin as pending. @returns new generation by node */
export async function applyChanges(
  em: Em,
  issuer: Issuer,
  nodes: readonly NodeRow[],
  changes: readonly Change[],
  { reconfigured = [], batch = 1 }: More = {},
): Promise<Map<string, number>> {
  await lockDeployments(
    em,
    changes.flatMap(({ from, to }) => [from?.deployment, to.deployment].filter((id) => id != null)),
  );
  const generations = await issueDocuments(em, issuer, changes, reconfigured);
  const away = new Set(nodes.filter(isAway).map(({ id }) => id));
  const targets = changes.map((change) =>
    targetRow(change, generations.get(change.node) as number, away.has(change.node), batch),
  );
  await saveTargets(
    em,
    targets.filter((target) => target !== null),
  );
  return generations;
}

/** A target that waits for its batch. */
export function heldTarget(deployment: string, stack: PlacedStack, node: NodeRow, batch: number): TargetRow {
  return {
    ...{ deployment, node: node.id, stack: stack.name, action: 'run', generation: 0, state: 'held', reason: null },
    hash: stack.stoppedNodes.has(node.id) ? stack.stoppedHash : stack.hash,
    ...{ parked: isAway(node), finishedAt: null, batch, failure: null },
  } as TargetRow;
}

/** A node that becomes a target while others are held back waits with them, also when the rollout was stopped. */
async function joinRollouts(em: Em, issuer: Issuer, node: NodeRow, stacks: readonly PlacedStack[]): Promise<void> {
  for (const stack of stacks) {
    if (stack.deployment === null || stack.removed || !stack.heldNodes.has(node.id)) continue;
    const placed = placedNode(node);
    if (placed.drained || !isTarget(stack.targets, placed)) continue;
    await lockDeployments(em, [stack.deployment]);
    const present = await findTarget(em, stack.deployment, node.id);
    const deployment = await findDeployment(em, stack.deployment);
    if (!deployment || (present && present.state !== 'superseded')) continue;
    const target = heldTarget(stack.deployment, stack, node, 1);
    const reason = isSettled(deployment.state) ? (deployment.reason ?? null) : null;
    await saveTargets(em, [{ ...target, reason }]);
    await settle(em, issuer, stack.deployment);
  }
}

interface Differences {
  readonly stacks: readonly PlacedStack[];
  readonly changes: readonly Change[];
  /** Nodes without a document, or whose configuration is not the one in it. */
  readonly reconfigured: readonly string[];
}

async function differences(em: Em, issuer: Issuer, nodes: readonly NodeRow[]): Promise<Differences> {
  const ids = nodes.map(({ id }) => id);
  const reached = await reachedNodes(em);
  const stacks = (await allStacks(em)).map((row) => {
    const come = reached.get(row.name);
    return placedStack(row, come && new Set(ids.filter((id) => !come.has(id))));
  });
  const changes = place(stacks, nodes.map(placedNode), await assignedTo(em, { nodes: ids }), null);
  const known = new Map((await documentHeads(em, ids)).map((head) => [head.node, head]));
  const reconfigured = nodes.filter(({ id, config }) => {
    const head = known.get(id);
    return !head || head.epoch !== issuer.epoch || !isSame(head.config, config);
  });
  return { stacks, changes, reconfigured: reconfigured.map(({ id }) => id) };
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
  const { stacks, changes, reconfigured } = await differences(em, issuer, [node]);
  await applyChanges(em, issuer, [node], changes, { reconfigured });
  const placed = placedNode(node);
  const wanted = new Set(
    stacks
      .filter(({ targets, removed }) => !removed && !placed.drained && isTarget(targets, placed))
      .map(({ name }) => name),
  );
  await dropTargets(
    em,
    issuer,
    node.id,
    'the node is no longer a target',
    ({ action, stack }) => action === 'run' && !wanted.has(stack),
  );
  await joinRollouts(em, issuer, node, stacks);
  const extended = new Set(changes.map(({ to }) => to.deployment).filter((id) => id !== null));
  for (const id of [...extended].sort()) await settle(em, issuer, id);
}
