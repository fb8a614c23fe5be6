// Deployments as callers see them.
import { OverseerError } from '#subjects/errors.ts';
import type { DeploymentList, DeploymentOutline, ListDeployments } from '#subjects/schema/deployment.ts';
import { cursorOf, PAGE_SIZE, pageOf, readCursor } from './cursor.ts';
import { standingOf } from './release.ts';
import { isSettled } from './rollout.ts';
import { findDeployment, pageOfDeployments, rolloutsUnderWay, targetsOf } from './store/deployments.ts';
import type { DeploymentRow } from './store/entities.ts';
import { nodeNames } from './store/nodes.ts';
import type { Em } from './store/rows.ts';

const LIST = 'deployments';

type Summary = Omit<DeploymentOutline, 'targets'>;

/** @param gate why it waits for an operator, if it does: decided now, so that it is never said with an older reason */
function summaryOf(row: DeploymentRow, gate: string | null): Summary {
  const { id, stack, kind, revision, state, createdAt, createdBy, finishedAt } = row;
  return {
    id,
    stack,
    kind,
    revision,
    state,
    reason: gate ?? row.reason ?? null,
    createdAt: createdAt.toISOString(),
    createdBy,
    awaitsApproval: gate !== null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

async function gateOf(em: Em, { id, state }: DeploymentRow, now: Date): Promise<string | null> {
  const decision = isSettled(state) ? undefined : (await standingOf(em, id, now))?.decision;
  return decision?.awaitsApproval ? decision.reason : null;
}

/** @throws OverseerError `deployment-not-found` */
export async function deploymentOutline(em: Em, id: string, now: Date): Promise<DeploymentOutline> {
  const row = await findDeployment(em, id);
  if (!row) throw new OverseerError('deployment-not-found', `there is no deployment ${id}`);
  const targets = await targetsOf(em, id);
  const names = await nodeNames(
    em,
    targets.map(({ node }) => node),
  );
  return {
    ...summaryOf(row, await gateOf(em, row, now)),
    targets: targets.map(({ node, state, reason, parked, finishedAt, batch }) => ({
      node,
      nodeName: names.get(node) ?? node,
      state,
      reason: reason ?? null,
      parked,
      finishedAt: finishedAt?.toISOString() ?? null,
      batch,
    })),
  };
}

export async function deploymentList(em: Em, query: ListDeployments, now: Date): Promise<DeploymentList> {
  const limit = query.limit ?? PAGE_SIZE;
  const [at, id] = query.cursor === undefined ? [] : readCursor(query.cursor, LIST, 2);
  const before = at === undefined || id === undefined ? null : { at: new Date(Number(at)), id };
  const found = await pageOfDeployments(em, { stack: query.stack ?? null, before, limit: limit + 1 });
  const { items, nextCursor } = pageOf(found, limit, (last) =>
    cursorOf(LIST, String(last.createdAt.getTime()), last.id),
  );
  const under = new Set(await rolloutsUnderWay(em));
  const summaries: Summary[] = [];
  for (const row of items) summaries.push(summaryOf(row, under.has(row.id) ? await gateOf(em, row, now) : null));
  return { items: summaries, nextCursor };
}
