// Plan before change: what storing a specification would do on each node, or what the present one still would. The nodes
// that are there are asked at the same time; nothing is stored and nothing is changed.
import { OverseerError } from '#subjects/errors.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { PlannedNode, PlanStack, Preview, StackPlan } from '#subjects/schema/plan.ts';
import { plannedBatches } from './batches.ts';
import { command } from './commands.ts';
import { checkDependencies } from './dependencies.ts';
import { desiredStack } from './document.ts';
import { contentHash, isSame, stackHash } from './fingerprint.ts';
import type { SchedulerParts } from './handlers.ts';
import { isTarget, type PlacedStack, place, type Run } from './placement.ts';
import { isAway, placedNode, placedStack } from './placing.ts';
import { type Prepared, prepare } from './put-stack.ts';
import { desired } from './secrets/sealed.ts';
import { secretVersions } from './secrets/used.ts';
import { type Content, NOTHING_RESOLVED, type Settings } from './specification.ts';
import { checkTargets, hasEndedBadly, inItsPlace, isSameRevision, isUnchanged, livingStack } from './stacks.ts';
import { assignedTo } from './store/assignments.ts';
import type { NodeRow, StackRow } from './store/entities.ts';
import { activeNodes } from './store/nodes.ts';
import type { Em } from './store/rows.ts';
import { contentOf, findStack } from './store/stacks.ts';

const ASKED_FOR_MS = 25_000;
/** Each answer is some Compose calls on its node, none here; but each question is a whole stack. */
const ASKED_AT_ONCE = 64;
const FOLLOWS = 'it is offline and follows when it is back';

interface Wanted {
  readonly stack: PlacedStack;
  readonly settings: Settings;
  readonly content: Content;
  readonly changed: boolean;
  readonly warnings: readonly string[];
}

/** As a put would store it. */
async function asPut(em: Em, name: string, { specification, ...more }: Prepared, id: string): Promise<Wanted> {
  const { settings, targets, state } = specification;
  checkTargets(targets.nodes, new Set((await activeNodes(em)).map((node) => node.id)));
  const stored = await findStack(em, name);
  const before = stored?.removedAt ? null : stored;
  const content = await inItsPlace(em, before, specification.content);
  const warnings = [...(await checkDependencies(em, name, settings.dependsOn)), ...more.warnings];
  const resolution = { pins: more.pins, secrets: await secretVersions(em, content) };
  const isStill =
    before !== null &&
    isSame(before.resolution ?? NOTHING_RESOLVED, resolution) &&
    !(await hasEndedBadly(em, before)) &&
    isUnchanged(before, { ...specification, content });
  if (isStill) return { ...(await asStored(em, before)), warnings };
  const hash = contentHash(content);
  const row = {
    ...{ name, state, targets, resolution, deployment: id, removedAt: null, removedVolumes: false },
    revision: (stored?.revision ?? 0) + (isSameRevision(stored, hash, resolution) ? 0 : 1),
    hash: stackHash(hash, state, resolution),
    stoppedHash: stackHash(hash, 'stopped', resolution),
    stoppedNodes: before?.state === state ? before.stoppedNodes : [],
  };
  return { stack: placedStack(row as unknown as StackRow), settings, content, changed: true, warnings };
}

async function asStored(em: Em, row: StackRow): Promise<Wanted> {
  const content = await contentOf(em, row.name, row.revision);
  if (content === null) throw new Error(`revision ${row.revision} of ${row.name} is not stored`);
  return { stack: placedStack(row), settings: row.settings, content, changed: false, warnings: [] };
}

interface Survey {
  readonly wanted: Wanted;
  /** Nodes that the stack is on, or comes to. */
  readonly targets: readonly NodeRow[];
  readonly leaving: readonly NodeRow[];
  readonly batches: ReadonlyMap<string, number>;
}

async function survey(em: Em, wanted: Wanted): Promise<Survey> {
  const { stack, settings } = wanted;
  const nodes = await activeNodes(em);
  const changes = place([stack], nodes.map(placedNode), await assignedTo(em, { stacks: [stack.name] }), null);
  const own = changes.filter((change) => change.stack === stack.name);
  const leaves = new Set(own.filter(({ to }) => to.kind === 'removed').map(({ node }) => node));
  const comes = new Set(own.filter(({ to }) => to.kind === 'run' && to.state === 'running').map(({ node }) => node));
  const targets = nodes.filter((node) => !node.config.drained && isTarget(stack.targets, placedNode(node)));
  const rolledOut = targets.filter(({ id }) => comes.has(id)).map((row) => ({ node: row.id, parked: isAway(row) }));
  return {
    ...{
      wanted,
      targets: targets.toSorted(byName),
      leaving: nodes.filter(({ id }) => leaves.has(id)).toSorted(byName),
    },
    batches: plannedBatches(settings.rollout, rolledOut),
  };
}

function byName(a: NodeRow, b: NodeRow): number {
  return a.config.name < b.config.name ? -1 : 1;
}

/** As the node would get it, its secrets unsealed and unopened: only their versions matter here. */
function asDesired({ stack, content }: Wanted, node: string): DesiredStack {
  const isStopped = stack.stoppedNodes.has(node);
  const run: Run = {
    ...{ kind: 'run', revision: stack.revision, resolution: stack.resolution, confirmedAt: null },
    ...{ state: isStopped ? 'stopped' : stack.state, hash: isStopped ? stack.stoppedHash : stack.hash },
    deployment: stack.deployment,
  };
  return desiredStack(node, stack.name, run, content, desired({ stack: stack.name, run, content }, node, new Map()));
}

async function ask(parts: SchedulerParts, node: string, stack: DesiredStack, until: number): Promise<Preview> {
  const left = until - Date.now();
  if (left <= 0) throw new OverseerError('timeout', 'there was no time left to ask it');
  return command(parts, { node, verb: 'preview', stack }, left);
}

function plannedNode({ id, config }: NodeRow, more: Partial<PlannedNode> & Pick<PlannedNode, 'state'>): PlannedNode {
  return { node: id, nodeName: config.name, reason: null, batch: 1, steps: [], changes: [], ...more };
}

async function planTarget(parts: SchedulerParts, row: NodeRow, found: Survey, until: number): Promise<PlannedNode> {
  const batch = found.batches.get(row.id) ?? 1;
  const parked = () => plannedNode(row, { state: 'parked', batch, reason: FOLLOWS });
  if (isAway(row)) return parked();
  try {
    const { steps, changes, fault } = await ask(parts, row.id, asDesired(found.wanted, row.id), until);
    const pause = row.config.paused ? 'the node is paused: this waits until it is resumed' : null;
    if (fault !== null) return plannedNode(row, { state: 'failed', batch, reason: fault, steps, changes });
    return plannedNode(row, { state: 'planned', batch, reason: pause, steps, changes });
  } catch (error) {
    if (!(error instanceof OverseerError)) throw error;
    // It went away between the last heartbeat and now.
    if (error.code === 'node-offline') return parked();
    return plannedNode(row, { state: 'failed', batch, reason: error.message });
  }
}

async function inTurns<A, B>(items: readonly A[], atOnce: number, work: (item: A) => Promise<B>): Promise<B[]> {
  const done: B[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) done[at] = await work(items[at] as A);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return done;
}

/** @throws OverseerError what a put of the same would be refused for */
export async function planStack(parts: SchedulerParts, { name, spec }: PlanStack): Promise<StackPlan> {
  const { database, issuer } = parts;
  const prepared = spec === null ? null : await prepare(parts, name, spec);
  const found = await database.read(async (em) => {
    const wanted = prepared ? asPut(em, name, prepared, issuer.newId()) : asStored(em, await livingStack(em, name));
    return survey(em, await wanted);
  });
  const until = Date.now() + ASKED_FOR_MS;
  const targets = await inTurns(found.targets, ASKED_AT_ONCE, (row) => planTarget(parts, row, found, until));
  const leaving = found.leaving.map((row) => {
    const reason = isAway(row) ? FOLLOWS : null;
    return plannedNode(row, { state: 'leaves', reason, steps: [{ step: 'down', why: 'it was removed' }] });
  });
  const { stack, changed, warnings } = found.wanted;
  return { name, revision: stack.revision, changed, nodes: [...targets, ...leaving], warnings: [...warnings] };
}
