// Deployments as callers see them.
import { OverseerError } from '#subjects/errors.ts';
import type { Deployment, DeploymentList, DeploymentStep, ListDeployments } from '#subjects/schema/deployment.ts';
import { cursorOf, PAGE_SIZE, pageOf, readCursor } from './cursor.ts';
import { findDeployment, pageOfDeployments, targetsOf } from './store/deployments.ts';
import type { DeploymentRow, StepRow } from './store/entities.ts';
import { nodeNames } from './store/nodes.ts';
import type { Em } from './store/rows.ts';
import { stepsOf } from './store/steps.ts';

type Summary = Omit<Deployment, 'targets'>;

function summaryOf(row: DeploymentRow): Summary {
  const { id, stack, kind, revision, state, reason, createdAt, createdBy, finishedAt } = row;
  return {
    id,
    stack,
    kind,
    revision,
    state,
    reason: reason ?? null,
    createdAt: createdAt.toISOString(),
    createdBy,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

function stepOf(row: StepRow): DeploymentStep {
  const { step, why, output, dropped } = row;
  return {
    step,
    why,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    outcome: row.outcome ?? null,
    reason: row.reason ?? null,
    exitCode: row.exitCode ?? null,
    output: dropped === 0 ? output : [...output, `(${dropped} more lines were not kept)`],
  };
}

/** @throws OverseerError `deployment-not-found` */
export async function deploymentView(em: Em, id: string): Promise<Deployment> {
  const row = await findDeployment(em, id);
  if (!row) throw new OverseerError('deployment-not-found', `there is no deployment ${id}`);
  const targets = await targetsOf(em, id);
  const names = await nodeNames(
    em,
    targets.map(({ node }) => node),
  );
  const steps = Map.groupBy(await stepsOf(em, id), ({ node }) => node);
  return {
    ...summaryOf(row),
    targets: targets.map(({ node, state, reason, parked, finishedAt }) => ({
      node,
      nodeName: names.get(node) ?? node,
      state,
      reason: reason ?? null,
      parked,
      finishedAt: finishedAt?.toISOString() ?? null,
      steps: (steps.get(node) ?? []).map(stepOf),
    })),
  };
}

export async function deploymentList(em: Em, query: ListDeployments): Promise<DeploymentList> {
  const limit = query.limit ?? PAGE_SIZE;
  const [at, id] = query.cursor === undefined ? [] : readCursor(query.cursor, 2);
  const before = at === undefined || id === undefined ? null : { at: new Date(Number(at)), id };
  if (before && Number.isNaN(before.at.getTime())) {
    throw new OverseerError('invalid-input', 'the cursor does not come from here', { fields: { path: 'cursor' } });
  }
  const found = await pageOfDeployments(em, { stack: query.stack ?? null, before, limit: limit + 1 });
  const { items, nextCursor } = pageOf(found, limit, (last) => cursorOf(String(last.createdAt.getTime()), last.id));
  return { items: items.map(summaryOf), nextCursor };
}
