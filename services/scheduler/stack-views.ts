// Stacks and nodes as callers see them: what should be, beside what nodes reported. Nothing asks a node.
import { OverseerError } from '#subjects/errors.ts';
import type { NodeDesiredStatus } from '#subjects/schema/desired.ts';
import type {
  ListStacks,
  RevisionDetail,
  RevisionList,
  Stack,
  StackAnswer,
  StackList,
  StackOnNode,
} from '#subjects/schema/stack.ts';
import { cursorOf, fitting, narrowed, PAGE_SIZE, pageOf, readCursor } from './cursor.ts';
import { lightened } from './lightened.ts';
import type { Assignment } from './placement.ts';
import { specOf } from './specification.ts';
import { livingStack } from './stacks.ts';
import { assignedCounts, assignedTo } from './store/assignments.ts';
import { documentHeads } from './store/documents.ts';
import type { ObservedRow, RevisionRow, StackRow } from './store/entities.ts';
import { nodesById } from './store/nodes.ts';
import { lastReport, observedOf } from './store/reports.ts';
import type { Em } from './store/rows.ts';
import { contentOf, findRevision, pageOfStacks, revisionsOf } from './store/stacks.ts';

const LIST = 'stacks';
/** Of one stack, newest first. */
const REVISIONS = 1000;
/** Of all stacks of a page; each is put together before its bytes are known. */
const NODES_A_PAGE = 5000;

function phaseOf(assignment: Assignment, observed: ObservedRow | undefined): StackOnNode['phase'] {
  if (assignment.kind === 'run') return observed?.phase ?? 'pending';
  return assignment.confirmedAt === null ? 'removing' : 'removed';
}

function onNodes(stack: string, assigned: ReadonlyMap<string, ReadonlyMap<string, Assignment>>, seen: ObservedRow[]) {
  const observed = new Map(seen.filter((row) => row.stack === stack).map((row) => [row.node, row]));
  const found: StackOnNode[] = [];
  for (const [node, own] of assigned) {
    const assignment = own.get(stack);
    if (!assignment || (assignment.kind === 'removed' && assignment.confirmedAt !== null)) continue;
    const row = observed.get(node);
    found.push({
      node,
      phase: phaseOf(assignment, row),
      revision: row?.revision ?? null,
      reason: row?.reason ?? null,
      drift: row?.drift ?? [],
    });
  }
  return lightened(found.toSorted((a, b) => (a.node < b.node ? -1 : 1)));
}

async function stacksOf(em: Em, rows: readonly StackRow[]): Promise<Stack[]> {
  if (rows.length === 0) return [];
  const names = rows.map(({ name }) => name);
  const assigned = await assignedTo(em, { stacks: names });
  const seen = await observedOf(em, names);
  return rows.map((row) => ({
    name: row.name,
    revision: row.revision,
    state: row.state,
    targets: row.targets,
    deployment: row.deployment ?? null,
    nodes: onNodes(row.name, assigned, seen),
    stoppedNodes: row.stoppedNodes,
    source: row.sourceState ?? null,
    images: row.imageState,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
}

export async function stackList(em: Em, query: ListStacks): Promise<StackList> {
  const limit = query.limit ?? PAGE_SIZE;
  const after = query.cursor === undefined ? null : (readCursor(query.cursor, LIST, 1)[0] ?? null);
  const found = await pageOfStacks(em, { after, limit: limit + 1, node: query.node ?? null });
  const cursor = ({ name }: { name: string }) => cursorOf(LIST, name);
  const counts = await assignedCounts(
    em,
    found.map(({ name }) => name),
  );
  const some = fitting(found, ({ name }) => counts.get(name) ?? 0, NODES_A_PAGE);
  const { items, nextCursor } = pageOf(found, Math.min(limit, some.length), cursor);
  return narrowed({ items: await stacksOf(em, items), nextCursor }, cursor);
}

/** @throws OverseerError `stack-not-found` */
export async function stackDetail(em: Em, name: string): Promise<StackAnswer> {
  const row = await livingStack(em, name);
  const [stack] = await stacksOf(em, [row]);
  const content = await contentOf(em, name, row.revision);
  if (!stack || !content) throw new Error(`revision ${row.revision} of ${name} is not stored`);
  const spec = specOf({ content, settings: row.settings, targets: row.targets, state: row.state });
  return { ...stack, compose: spec.compose === content.compose ? null : content.compose, spec };
}

type RevisionSummary = Pick<RevisionRow, 'revision' | 'hash' | 'deployment' | 'createdAt' | 'createdBy' | 'commit'>;

function revisionOf({ revision, hash, deployment, createdAt, createdBy, commit }: RevisionSummary) {
  return { revision, hash, createdAt: createdAt.toISOString(), createdBy, deployment, commit: commit ?? null };
}

/** @throws OverseerError `stack-not-found`, `revision-not-found` */
export async function revisionDetail(em: Em, name: string, revision: number): Promise<RevisionDetail> {
  await livingStack(em, name);
  const row = await findRevision(em, name, revision);
  if (!row) throw new OverseerError('revision-not-found', `stack ${name} has no revision ${revision}`);
  const { compose, files, env } = row.content;
  return { ...revisionOf(row), compose, files: { ...files }, env: Object.keys(env).sort(), pins: { ...row.pins } };
}

/** @throws OverseerError `stack-not-found` */
export async function revisionList(em: Em, name: string): Promise<RevisionList> {
  await livingStack(em, name);
  const items = (await revisionsOf(em, name, REVISIONS)).map(revisionOf);
  return { items, nextCursor: null };
}

/** @throws OverseerError `node-not-found` */
export async function nodeDesired(em: Em, node: string): Promise<NodeDesiredStatus> {
  if ((await nodesById(em, [node])).length === 0) {
    throw new OverseerError('node-not-found', `there is no node ${node}`, { fields: { node } });
  }
  const [head] = await documentHeads(em, [node]);
  const report = await lastReport(em, node);
  const observed = new Map((report?.stacks ?? []).map((stack) => [stack.name, stack]));
  const own = (await assignedTo(em, { nodes: [node] })).get(node) ?? new Map<string, Assignment>();
  const wanted = [...own].filter(([name, to]) => to.kind === 'run' || to.confirmedAt === null || observed.has(name));
  return {
    node,
    desired: head ? { epoch: head.epoch, generation: head.generation, hash: head.hash } : null,
    observedGeneration: report?.observedGeneration ?? null,
    reportedAt: report?.at ?? null,
    stacks: wanted
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, to]) => {
        const seen = observed.get(name);
        return {
          name,
          desiredRevision: to.kind === 'run' ? to.revision : null,
          observedRevision: seen?.revision ?? null,
          phase: seen?.phase ?? (to.kind === 'run' ? 'pending' : 'removing'),
          reason: seen?.reason ?? null,
          drift: seen?.drift ?? [],
          services: (seen?.services ?? []).map(({ exitCode: _, ...service }) => service),
          ...(seen?.leftOut ? { leftOut: seen.leftOut } : {}),
        };
      }),
    conditions: [...(report?.conditions ?? [])],
  };
}
