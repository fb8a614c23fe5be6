// Deployments and what became of them on each node.
import type { DeploymentKind } from '#subjects/schema/deployment.ts';
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

export function openDeployments(em: Em, stack: string, kinds: readonly DeploymentKind[]): Promise<DeploymentRow[]> {
  const where = { stack, kind: { $in: [...kinds] }, state: { $in: ['pending' as const, 'progressing' as const] } };
  return em.find(DeploymentRow, where, { disableIdentityMap: true });
}

export async function saveOutcome(
  em: Em,
  deployment: Pick<DeploymentRow, 'id'> & Partial<DeploymentRow>,
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

export function targetsOf(em: Em, deployment: string, nodes?: readonly string[]): Promise<TargetRow[]> {
  const only = nodes === undefined ? {} : { node: { $in: [...nodes] } };
  return em.find(TargetRow, { deployment, ...only }, { orderBy: { node: 'asc' }, disableIdentityMap: true });
}

export function countTargets(em: Em, deployment: string): Promise<number> {
  return em.count(TargetRow, { deployment });
}

export function findTarget(em: Em, deployment: string, node: string): Promise<TargetRow | null> {
  return em.findOne(TargetRow, { deployment, node }, { disableIdentityMap: true });
}

export function openTargets(em: Em, node: string): Promise<TargetRow[]> {
  return em.find(TargetRow, { node, state: { $in: ['pending', 'progressing'] } }, { disableIdentityMap: true });
}

export async function saveTarget(
  em: Em,
  target: Pick<TargetRow, 'deployment' | 'node'> & Partial<TargetRow>,
): Promise<void> {
  const { deployment, node, ...change } = target;
  await em.nativeUpdate(TargetRow, { deployment, node }, change);
}

/** All that a stack still has under way or holds back, whatever deployment of these kinds it belongs to. */
export async function supersedeTargets(
  em: Em,
  stack: string,
  kinds: readonly DeploymentKind[],
  reason: string,
  at: Date,
): Promise<void> {
  await rows(
    em,
    `update deployment_targets t set state = 'superseded', reason = ?, finished_at = ?::timestamptz
     from deployments d
     where t.stack = ? and d.id = t.deployment and d.kind = any(array[?]::text[])
       and (t.state in ('pending', 'progressing') or t.state = 'held')`,
    [reason, at.toISOString(), stack, kinds],
  );
}

export function heldTargets(em: Em, where: { node?: string; deployment?: string }): Promise<TargetRow[]> {
  return em.find(TargetRow, { ...where, state: 'held' }, { disableIdentityMap: true });
}

/** Deployments that are not over and hold nodes back. */
export async function rolloutsUnderWay(em: Em): Promise<string[]> {
  const found = await rows<{ id: string }>(
    em,
    `select distinct d.id from deployment_targets t join deployments d on d.id = t.deployment
     where t.state = 'held' and d.state in ('pending', 'progressing') order by d.id`,
  );
  return found.map(({ id }) => id);
}

/** By stack: the nodes to which its newest deployment has come, for those stacks whose newest one holds nodes back. */
export async function reachedNodes(em: Em): Promise<Map<string, Set<string>>> {
  const found = await rows<{ stack: string; nodes: string[] | null }>(
    em,
    `select s.name as stack, array_agg(t.node) filter (where t.state not in ('held', 'superseded')) as nodes
     from stacks s join deployment_targets t on t.deployment = s.deployment
     where s.deployment in (select deployment from deployment_targets where state = 'held')
     group by s.name`,
  );
  return new Map(found.map(({ stack, nodes }) => [stack, new Set(nodes ?? [])]));
}

/** Of commands that were sent before then and that no outcome was told of. */
export function unansweredCommands(em: Em, before: Date): Promise<Pick<TargetRow, 'deployment' | 'node'>[]> {
  return rows(
    em,
    `select t.deployment, t.node from deployments d join deployment_targets t on t.deployment = d.id
     where d.kind in ('restart', 'pull') and d.created_at < ?::timestamptz
       and t.state in ('pending', 'progressing') order by t.deployment, t.node`,
    [before.toISOString()],
  );
}

/** What a rollout that was stopped says of the nodes it never came to. */
export async function explainHeld(em: Em, deployment: string, reason: string | null): Promise<void> {
  await em.nativeUpdate(TargetRow, { deployment, state: 'held' }, { reason });
}

export async function tallyOf(em: Em, deployment: string): Promise<Tally> {
  const [row] = await rows<Record<keyof Tally, string | null>>(
    em,
    `select count(*) filter (where state = 'held') as held,
            count(*) filter (where state = 'pending') as pending,
            count(*) filter (where state = 'progressing') as progressing,
            count(*) filter (where state = 'succeeded') as succeeded,
            count(*) filter (where state = 'failed') as failed,
            count(*) filter (where state = 'rolled-back') as "rolledBack",
            count(*) filter (where state = 'superseded') as superseded,
            count(*) filter (where state = 'pending' and parked) as waiting,
            (array_agg(reason order by state, node) filter (where state in ('failed', 'rolled-back')))[1] as failure
     from deployment_targets where deployment = ?`,
    [deployment],
  );
  const count = (name: keyof Tally) => Number(row?.[name] ?? 0);
  return {
    held: count('held'),
    pending: count('pending'),
    progressing: count('progressing'),
    succeeded: count('succeeded'),
    failed: count('failed'),
    rolledBack: count('rolledBack'),
    superseded: count('superseded'),
    waiting: count('waiting'),
    failure: row?.failure ?? null,
  };
}
