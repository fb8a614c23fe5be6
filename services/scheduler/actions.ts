// What operators have done to running stacks. Stop, start and scale are kept as what the stack is; restart, pull and prune
// are commands to nodes, carried out once or not at all.
import { record } from '#infra/postgres/audit.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { ActOnStack, ActOnStackAnswer, NodeAction, PruneNode } from '#subjects/schema/action.ts';
import { command } from './commands.ts';
import { deadlineIn, storeBefore } from './deadline.ts';
import { begin } from './deploying.ts';
import type { SchedulerParts } from './handlers.ts';
import type { Issuer } from './issuer.ts';
import { isTarget } from './placement.ts';
import { isAway, placedNode } from './placing.ts';
import { advanceTarget, settle } from './progress.ts';
import type { Content } from './specification.ts';
import { livingStack, recordAccepted, redeploy, type StackChange } from './stacks.ts';
import { assignedTo } from './store/assignments.ts';
import { saveTargets, unansweredCommands } from './store/deployments.ts';
import type { NodeRow, StackRow, TargetRow } from './store/entities.ts';
import { activeNodes, nodesById } from './store/nodes.ts';
import type { Em } from './store/rows.ts';
import { contentOf } from './store/stacks.ts';

const ANSWER_MS = 10_000;
/** The gateway waits a little longer. */
const WITHIN_MS = 17_000;
const AT_ONCE = 16;
/** Of pulling large images over a thin line; whoever takes longer has been lost. */
const UNANSWERED_MS = 15 * 60 * 1000;

function refused(detail: string, fields: Record<string, unknown> = {}): OverseerError {
  return new OverseerError('invalid-input', detail, { fields });
}

async function targetsOf(em: Em, stack: StackRow, wanted: readonly string[] | undefined): Promise<string[]> {
  const targets = (await activeNodes(em))
    .filter((node) => isTarget(stack.targets, placedNode(node)))
    .map(({ id }) => id);
  const stranger = wanted?.find((id) => !targets.includes(id));
  if (stranger !== undefined) throw refused(`${stack.name} is not on node ${stranger}`, { node: stranger });
  return targets.sort();
}

async function stateChange(em: Em, stack: StackRow, { action, body }: ActOnStack): Promise<StackChange> {
  const { nodes } = body;
  const all = await targetsOf(em, stack, nodes);
  if (action === 'stop') {
    return nodes === undefined ? { state: 'stopped' } : { stoppedNodes: [...stack.stoppedNodes, ...nodes] };
  }
  const stopped = stack.state === 'stopped' ? all : stack.stoppedNodes;
  return { state: 'running', stoppedNodes: nodes === undefined ? [] : stopped.filter((id) => !nodes.includes(id)) };
}

/** @throws OverseerError `invalid-input` for a service that the stack does not have */
async function checkServices({ compose }: SchedulerParts, name: string, content: Content, asked: readonly string[]) {
  const model = asked.length === 0 ? null : await compose.check(name, content);
  const stranger = model && asked.find((service) => !Object.hasOwn(model.services, service));
  if (stranger) throw refused(`stack ${name} has no service "${stranger}"`, { service: stranger });
}

async function changeState(parts: SchedulerParts, request: ActOnStack): Promise<ActOnStackAnswer> {
  const { database, issuer } = parts;
  const { by, name, action, body } = request;
  const deadline = deadlineIn(WITHIN_MS, 'it could not be checked by Docker Compose in time; try again');
  const present = async (em: Em) => {
    const stack = await livingStack(em, name);
    const content = await contentOf(em, name, stack.revision);
    if (!content) throw new Error(`revision ${stack.revision} of ${name} is not stored`);
    return { stack, content };
  };
  const [service, ...others] = body.services ?? [];
  const replicas = body.replicas;
  if (action !== 'scale' && service !== undefined) {
    throw refused(`${action} is of the whole stack; scale ${service} to 0 instead`, { path: 'services' });
  }
  if (action === 'scale') {
    if (service === undefined || others.length > 0) throw refused('scale: name one service', { path: 'services' });
    if (replicas === undefined) throw refused('scale: say how many', { path: 'replicas' });
    const { content } = await database.read(present);
    const scale = { ...content.scale, [service]: replicas };
    await deadline.within(checkServices(parts, name, { ...content, scale }, [service]));
  }
  if (action === 'start') await deadline.within(parts.compose.judge(name, (await database.read(present)).content));
  const stored = await storeBefore(database, deadline, async (em) => {
    const { stack, content } = await present(em);
    const change: StackChange =
      action === 'scale'
        ? { content: { ...content, scale: { ...content.scale, [service as string]: replicas as number } } }
        : await stateChange(em, stack, request);
    return redeploy(em, issuer, name, change, by, `stack.${action}`);
  });
  const { revision, deployment, changed } = stored;
  return { name, revision, deployment, changed };
}

/** Where it runs, or those of them that were asked for. */
async function runningNodes(em: Em, stack: StackRow, wanted: readonly string[] | undefined): Promise<NodeRow[]> {
  const assigned = await assignedTo(em, { stacks: [stack.name] });
  const running = [...assigned].flatMap(([node, own]) => {
    const to = own.get(stack.name);
    return to?.kind === 'run' && to.state === 'running' ? [node] : [];
  });
  const stranger = wanted?.find((id) => !running.includes(id));
  if (stranger !== undefined) throw refused(`${stack.name} does not run on node ${stranger}`, { node: stranger });
  const nodes = await nodesById(em, wanted ? [...new Set(wanted)] : running);
  if (nodes.length === 0) throw new OverseerError('conflict', `${stack.name} runs on no node`);
  return nodes;
}

type Kind = 'restart' | 'pull';

/** The deployment under which the outcomes are told. It takes the place of none. */
async function beginCommand(em: Em, issuer: Issuer, request: ActOnStack, kind: Kind) {
  const { by, name, body } = request;
  const stack = await livingStack(em, name);
  const nodes = await runningNodes(em, stack, body.nodes);
  const id = issuer.newId();
  const { revision } = stack;
  await begin(em, issuer, { id, stack: name, kind, revision }, by);
  const targets = nodes.map((node): TargetRow => {
    const rest = { deployment: id, node: node.id, stack: name, action: 'run', hash: null, generation: 0, batch: 1 };
    const away = isAway(node) ? { state: 'failed', reason: 'node-offline', finishedAt: issuer.now() } : null;
    const state = { state: 'pending', reason: null, finishedAt: null, ...away };
    return { ...rest, ...state, parked: false, failure: null } as TargetRow;
  });
  await saveTargets(em, targets);
  await settle(em, issuer, id);
  const detail = { deployment: id, nodes: nodes.length, services: (body.services ?? []).join(', ') };
  await recordAccepted(em, issuer, by, name, { action: `stack.${kind}`, detail });
  return { id, revision, online: targets.filter(({ state }) => state === 'pending').map(({ node }) => node) };
}

/** What a node does not take fails there; what it took is told by itself. */
async function sendAll(parts: SchedulerParts, deployment: string, nodes: readonly string[], action: NodeAction) {
  const { bus, database, issuer } = parts;
  const waiting = [...nodes];
  const work = async () => {
    for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
      const to = node;
      try {
        await command({ bus, issuer }, { node, verb: 'act', action }, ANSWER_MS);
      } catch (error) {
        // It may have come all the same: then its outcome is told, or it fails when nothing was heard for long.
        if (error instanceof OverseerError && error.code === 'timeout') continue;
        const reason = error instanceof OverseerError ? `${error.code}: ${error.message}` : 'the command was not sent';
        await database.transaction((em) =>
          advanceTarget(em, issuer, deployment, to, { type: 'settled', outcome: 'failed', reason, failure: null }),
        );
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function commandNodes(parts: SchedulerParts, request: ActOnStack, kind: Kind): Promise<ActOnStackAnswer> {
  const { database, issuer, log } = parts;
  const { name, body } = request;
  const services = [...new Set(body.services ?? [])].sort();
  const content = await database.read(async (em) => {
    const { revision } = await livingStack(em, name);
    return contentOf(em, name, revision);
  });
  if (content) await checkServices(parts, name, content, services);
  const begun = await database.transaction((em) => beginCommand(em, issuer, request, kind));
  const { id, revision, online } = begun;
  // Not waited for: a node may take its time to answer, and what becomes of it is told by the deployment.
  void sendAll(parts, id, online, { kind, stack: name, services, deployment: id }).catch((error: unknown) =>
    log.warn({ err: error, deployment: id }, 'what became of a command could not be kept'),
  );
  return { name, revision, deployment: id, changed: true };
}

/** @throws OverseerError `stack-not-found`, `invalid-input`, `conflict` */
export function actOnStack(parts: SchedulerParts, request: ActOnStack): Promise<ActOnStackAnswer> {
  const { action } = request;
  return action === 'restart' || action === 'pull' ? commandNodes(parts, request, action) : changeState(parts, request);
}

/** @throws OverseerError `node-not-found`, `node-offline`, `timeout` */
export async function pruneNode({ bus, database, issuer }: SchedulerParts, request: PruneNode): Promise<void> {
  const { by, node, images } = request;
  const [row] = await database.read((em) => nodesById(em, [node]));
  if (!row) throw new OverseerError('node-not-found', `there is no node ${node}`, { fields: { node } });
  const what = { actor: by, action: 'node.prune', object: `nodes/${node}`, outcome: 'accepted' } as const;
  await database.transaction((em) => record(em, 'scheduler', { ...what, detail: { images } }, issuer.now()));
  await command({ bus, issuer }, { node, verb: 'act', action: { kind: 'prune', images } }, ANSWER_MS);
}

/** Commands of which nothing was heard for long: they, or the node that took them, were lost. @returns how many */
export async function failUnanswered(em: Em, issuer: Issuer): Promise<number> {
  const lost = await unansweredCommands(em, new Date(issuer.now().getTime() - UNANSWERED_MS));
  const reason = `nothing was heard of it for ${UNANSWERED_MS / 60_000} minutes`;
  for (const { deployment, node } of lost) {
    await advanceTarget(em, issuer, deployment, node, { type: 'settled', outcome: 'failed', reason, failure: null });
  }
  return lost.length;
}
