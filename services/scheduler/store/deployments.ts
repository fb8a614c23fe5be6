// Deployments and what became of them on each node.
import type { Tally } from '../rollout.ts';
import { DeploymentRow, TargetRow } from './entities.ts';
import { type Em, rows } from './rows.ts';

export async function addDeployment(em: Em, deployment: DeploymentRow): Promise<void> {
  await em.insert(DeploymentRow, deployment);
}

/** In order of id, so that two transactions never wait for each other. */
export async function lockDeployments(em: Em, ids: Iterable<string>): Promise<void> {
  const sorted = [...new Set(ids)].sort();
  if (sorted.length === 0) return;
  await rows(em, 'select id from deployments where id in (?) order by id for update', [sorted]);
}

export function findDeployment(em: Em, id: string): Promise<DeploymentRow | null> {
  return em.findOne(DeploymentRow, { id }, { disableIdentityMap: true });
}

export function openDeployments(em: Em, stack: string): Promise<DeploymentRow[]> {
  return em.find(DeploymentRow, { stack, state: { $in: ['pending', 'progressing'] } }, { disableIdentityMap: true });
}

export async function saveOutcome(
  em: Em,
  deployment: Pick<DeploymentRow, 'id' | 'state' | 'reason' | 'finishedAt'>,
): Promise<void> {
  const { id, ...change } = deployment;
  await em.nativeUpdate(DeploymentRow, { id }, change);
}

export function pageOfDeployments(
  em: Em,
  page: { stack: string | null; before: { at: Date; id: string } | null; limit: number },
): Promise<DeploymentRow[]> {
  const { stack, before, limit } = page;
  return em.find(
    DeploymentRow,
    {
      ...(stack === null ? {} : { stack }),
      ...(before === null
        ? {}
        : { $or: [{ createdAt: { $lt: before.at } }, { createdAt: before.at, id: { $lt: before.id } }] }),
    },
    { orderBy: { createdAt: 'desc', id: 'desc' }, limit, disableIdentityMap: true },
  );
}

/** A node that was a target before, and is again, begins anew. */
export async function saveTargets(em: Em, targets: readonly TargetRow[]): Promise<void> {
  if (targets.length > 0) await em.upsertMany(TargetRow, [...targets], { disableIdentityMap: true } as object);
}

export function targetsOf(em: Em, deployment: string): Promise<TargetRow[]> {
  return em.find(TargetRow, { deployment }, { orderBy: { node: 'asc' }, disableIdentityMap: true });
}

export function findTarget(em: Em, deployment: string, node: string): Promise<TargetRow | null> {
  return em.findOne(TargetRow, { deployment, node }, { disableIdentityMap: true });
}

export function openTargets(em: Em, where: { node?: string; stack?: string }): Promise<TargetRow[]> {
  return em.find(TargetRow, { ...where, state: { $in: ['pending', 'progressing'] } }, { disableIdentityMap: true });
}

export async function saveTarget(
  em: Em,
  target: Pick<TargetRow, 'deployment' | 'node' | 'state' | 'reason' | 'finishedAt'>,
): Promise<void> {
  const { deployment, node, ...change } = target;
  await em.nativeUpdate(TargetRow, { deployment, node }, change);
}

/** All that a stack still has under way, whatever deployment it belongs to. */
export async function supersedeTargets(em: Em, stack: string, reason: string, at: Date): Promise<void> {
  const change = { state: 'superseded', reason, finishedAt: at } as const;
  await em.nativeUpdate(TargetRow, { stack, state: { $in: ['pending', 'progressing'] } }, change);
}

export async function tallyOf(em: Em, deployment: string): Promise<Tally> {
  const [row] = await rows<Record<keyof Tally, string | null>>(
    em,
    `select count(*) filter (where state = 'pending') as pending,
            count(*) filter (where state = 'progressing') as progressing,
            count(*) filter (where state = 'succeeded') as succeeded,
            count(*) filter (where state = 'failed') as failed,
            count(*) filter (where state = 'superseded') as superseded,
            count(*) filter (where state = 'pending' and parked) as waiting,
            (array_agg(reason order by node) filter (where state = 'failed'))[1] as failure
     from deployment_targets where deployment = ?`,
    [deployment],
  );
  const count = (name: keyof Tally) => Number(row?.[name] ?? 0);
  return {
    pending: count('pending'),
    progressing: count('progressing'),
    succeeded: count('succeeded'),
    failed: count('failed'),
    superseded: count('superseded'),
    waiting: count('waiting'),
    failure: row?.failure ?? null,
  };
}
