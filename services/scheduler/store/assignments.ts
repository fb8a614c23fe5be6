// What is assigned to which node.
import type { Assigned, Assignment, Change } from '../placement.ts';
import { isForgotten } from '../placement.ts';
import { NOTHING_RESOLVED } from '../specification.ts';
import { AssignmentRow } from './entities.ts';
import { type Em, rows } from './rows.ts';

function assignmentOf(row: AssignmentRow): Assignment {
  const { kind, revision, state, hash, volumes } = row;
  const deployment = row.deployment ?? null;
  const confirmedAt = row.confirmedAt?.getTime() ?? null;
  if (kind === 'removed') return { kind, deployment, volumes, generation: row.generation ?? null, confirmedAt };
  if (revision == null || state == null || hash == null) {
    throw new Error(`assignment of ${row.stack} to ${row.node} names no revision`);
  }
  return { kind, revision, state, hash, resolution: row.resolution, deployment, confirmedAt };
}

/** By node, then by stack; narrowed to some stacks or to some nodes. */
export async function assignedTo(
  em: Em,
  only: { stacks?: readonly string[]; nodes?: readonly string[] } = {},
): Promise<Map<string, Map<string, Assignment>>> {
  const found = await em.find(
    AssignmentRow,
    {
      ...(only.stacks === undefined ? {} : { stack: { $in: [...only.stacks] } }),
      ...(only.nodes === undefined ? {} : { node: { $in: [...only.nodes] } }),
    },
    { disableIdentityMap: true },
  );
  const byNode = new Map<string, Map<string, Assignment>>();
  for (const row of found) {
    const own = byNode.get(row.node) ?? new Map<string, Assignment>();
    byNode.set(row.node, own.set(row.stack, assignmentOf(row)));
  }
  return byNode;
}

/** By stack: on how many nodes it is, or was not long ago. */
export async function assignedCounts(em: Em, stacks: readonly string[]): Promise<Map<string, number>> {
  if (stacks.length === 0) return new Map();
  const found = await rows<{ stack: string; nodes: string }>(
    em,
    'select stack, count(*) as nodes from assignments where stack in (?) group by stack',
    [stacks],
  );
  return new Map(found.map(({ stack, nodes }) => [stack, Number(nodes)]));
}

/** Deployments by which nodes got what they have of a stack. */
export async function deploymentsOn(em: Em, stack: string): Promise<string[]> {
  const found = await rows<{ deployment: string }>(
    em,
    'select distinct deployment from assignments where stack = ? and deployment is not null',
    [stack],
  );
  return found.map(({ deployment }) => deployment);
}

function rowOf({ node, stack, to }: Change, generation: number) {
  const run = to.kind === 'run' ? to : null;
  const removed = to.kind === 'removed' ? to : null;
  return {
    node,
    stack,
    kind: to.kind,
    deployment: to.deployment,
    revision: run?.revision ?? null,
    state: run?.state ?? null,
    hash: run?.hash ?? null,
    generation: removed ? (removed.generation ?? generation) : null,
    volumes: removed?.volumes ?? false,
    resolution: run?.resolution ?? NOTHING_RESOLVED,
    confirmedAt: to.confirmedAt === null ? null : new Date(to.confirmedAt),
  };
}

export async function saveAssignments(
  em: Em,
  changes: readonly Change[],
  generationOf: (node: string) => number,
): Promise<void> {
  if (changes.length === 0) return;
  await em.upsertMany(
    AssignmentRow,
    changes.map((change) => rowOf(change, generationOf(change.node))),
    { disableIdentityMap: true } as object,
  );
}

/** Takes out removals that were confirmed long ago: with the next document they are gone. */
export async function forgetRemovals(
  em: Em,
  byNode: ReadonlyMap<string, Map<string, Assignment>>,
  now: number,
): Promise<ReadonlyMap<string, Assigned>> {
  for (const [node, own] of byNode) {
    for (const [stack, assignment] of own) {
      if (!isForgotten(assignment, now)) continue;
      own.delete(stack);
      await rows(em, 'delete from assignments where node = ? and stack = ?', [node, stack]);
    }
  }
  return byNode;
}

export async function confirmRun(em: Em, node: string, stack: string, hash: string | null, at: Date): Promise<void> {
  await rows(
    em,
    `update assignments set confirmed_at = ?::timestamptz
     where node = ? and stack = ? and kind = 'run' and hash = ? and confirmed_at is null`,
    [at.toISOString(), node, stack, hash],
  );
}

/** The node has converged on `generation` and holds `present`: every older removal of another stack is done. */
export async function confirmRemovals(
  em: Em,
  node: string,
  generation: number,
  present: readonly string[],
  at: Date,
): Promise<void> {
  await rows(
    em,
    `update assignments set confirmed_at = ?::timestamptz
     where node = ? and kind = 'removed' and confirmed_at is null and generation <= ?
       and stack <> all (array[?]::text[])`,
    [at.toISOString(), node, generation, present],
  );
}
