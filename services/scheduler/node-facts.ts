// What the registry tells of nodes, applied once each: the copy of the node, placement, and progress of deployments.
import { OverseerError } from '#subjects/errors.ts';
import type { CloudEvent, NodeFact } from '#subjects/schema/cloud-event.ts';
import { Node, type NodeConfig } from '#subjects/schema/node.ts';
import { NodeEventBody } from '#subjects/schema/node-event.ts';
import type { Issuer } from './issuer.ts';
import { placeNode } from './placing.ts';
import { advanceTarget, dropTargets } from './progress.ts';
import { isSettled } from './rollout.ts';
import { comesAfter, sequenceOf } from './spool-position.ts';
import { stepTold } from './steps.ts';
import { findTarget } from './store/deployments.ts';
import { markNodeRemoved, nodesById, saveLiveness, saveNode } from './store/nodes.ts';
import { isFirstTime } from './store/received.ts';
import { type Em, lockPlacement } from './store/rows.ts';
import { saveSettledPosition, settledPosition } from './store/settled-positions.ts';
import { keepStepEvent } from './store/steps.ts';

/** Nodes in the form of the registry, wherever a fact carries one. */
export function nodeOf(data: Readonly<Record<string, unknown>>): Node | null {
  for (const candidate of [data['node'], data]) {
    const parsed = Node.safeParse(candidate);
    if (parsed.success) return parsed.data;
  }
  return null;
}

export function configOf({ name, labels, heartbeatSeconds, paused, drained, pruneImages }: Node): NodeConfig {
  return { name, labels, heartbeatSeconds, paused, drained, ...(pruneImages ? { pruneImages } : {}) };
}

/** A document that would not fit leaves the node with the one it has; the comparison with the registry says so. */
async function placeIfItFits(em: Em, issuer: Issuer, id: string): Promise<void> {
  const [row] = await nodesById(em, [id]);
  if (!row) return;
  try {
    await em.transactional((inner) => placeNode(inner, issuer, row));
  } catch (error) {
    if (!(error instanceof OverseerError) || error.code !== 'document-too-large') throw error;
  }
}

export async function keepNode(em: Em, issuer: Issuer, node: Node, at: Date): Promise<void> {
  const { id, liveness, ageRecipient } = node;
  if (await saveNode(em, { id, config: configOf(node), ageRecipient, liveness, at }))
    await placeIfItFits(em, issuer, id);
}

export async function dropNode(em: Em, issuer: Issuer, id: string, at: Date): Promise<void> {
  await dropTargets(em, issuer, id, 'the node was deregistered');
  await markNodeRemoved(em, id, at);
}

/**
 * How long after a report told an outcome the events before it are still taken, when the event with the outcome has not
 * come: a spool that fills a thin line takes its time. By our own clock.
 */
const UNTOLD_MS = 60 * 60 * 1000;

/** A step that began after its target was settled belongs to no deployment any more. */
async function isLate(em: Em, deployment: string, node: string, position: string | undefined, now: Date) {
  const target = await findTarget(em, deployment, node);
  if (!target) return true;
  if (!isSettled(target.state)) return false;
  const end = await settledPosition(em, deployment, node);
  if (end !== null) return comesAfter(position, end);
  return now.getTime() - (target.finishedAt ?? now).getTime() > UNTOLD_MS;
}

/** @returns whether the target's state is another one */
async function applyStep(em: Em, issuer: Issuer, node: string, event: CloudEvent, at: Date): Promise<boolean> {
  const { data: body, success } = NodeEventBody.safeParse(event.data);
  if (!success || !('deployment' in body) || body.deployment === null) return false;
  const { deployment } = body;
  const position = event.nodesequence;
  if (body.type === 'stack.settled') {
    const { outcome, reason, failure } = body;
    const moved = await advanceTarget(em, issuer, deployment, node, { type: 'settled', outcome, reason, failure });
    if (position !== undefined) await saveSettledPosition(em, { deployment, node }, position, moved);
    return moved;
  }
  if (await isLate(em, deployment, node, position, issuer.now())) return false;
  // First: it locks the deployment, and then its target, as everybody does.
  if (body.type === 'stack.step.started') {
    await advanceTarget(em, issuer, deployment, node, { type: 'step-started' });
  }
  const sequence = sequenceOf(position);
  await keepStepEvent(em, { deployment, node, sequence, step: body.step, at, ...stepTold(body) });
  return false;
}

/**
 * @returns `compare` when the fact does not say all and the registry must be asked, `moved` when a rollout may have waited
 * for it
 */
export async function applyNodeFact(
  em: Em,
  issuer: Issuer,
  node: string,
  fact: NodeFact,
  event: CloudEvent,
): Promise<'done' | 'moved' | 'compare'> {
  const at = new Date(event.time);
  const placing = fact === 'registered' || fact === 'updated' || fact === 'removed';
  if (placing) await lockPlacement(em);
  if (!(await isFirstTime(em, event.id, issuer.now()))) return 'done';
  switch (fact) {
    case 'registered':
    case 'updated': {
      const told = nodeOf(event.data);
      if (told?.id !== node) return 'compare';
      await keepNode(em, issuer, told, at);
      return 'moved';
    }
    case 'removed':
      await dropNode(em, issuer, node, at);
      return 'moved';
    case 'online':
    case 'suspect':
    case 'offline':
      await saveLiveness(em, node, fact, at);
      return 'moved';
    case 'step-started':
    case 'step-output':
    case 'step-finished':
    case 'stack-settled':
      return (await applyStep(em, issuer, node, event, at)) ? 'moved' : 'done';
    case 'credential-renewed':
    case 'agent-started':
    case 'document-rejected':
    case 'container-changed':
    case 'events-lost':
    case 'stack-drifted':
    case 'stack-corrected':
    case 'secrets-opened':
    case 'images-pruned':
    case 'checkpoint-refused':
      return 'done';
    default:
      return fact satisfies never;
  }
}
