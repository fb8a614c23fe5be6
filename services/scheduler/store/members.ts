// Who takes part in a rollout, and where each stands: read once a second while one is under way, so only what is decided by,
// and no row is made an entity.
import type { Member } from '../batches.ts';
import { presenceOf } from '../presence.ts';
import { TargetRow } from './entities.ts';
import { silentEngines } from './reports.ts';
import { type Em, rows } from './rows.ts';

export interface RolloutMember extends Member {
  readonly reason: string | null;
}

type Found = Pick<TargetRow, 'node' | 'state' | 'batch' | 'parked'> & {
  readonly reason: string | null;
  readonly finishedAt: string | Date | null;
  readonly liveness: string | null;
  readonly paused: boolean;
};

/** Nodes that leave, and those on which nothing changed, have no part in it. */
export async function membersOf(em: Em, deployment: string, now: Date): Promise<RolloutMember[]> {
  const found = await rows<Found>(
    em,
    `select t.node, t.state, t.batch, t.parked, t.reason, t.finished_at as "finishedAt", n.liveness,
            coalesce((n.config->>'paused')::boolean, false) as paused
     from deployment_targets t left join placed_nodes n on n.id = t.node and not n.removed
     where t.deployment = ? and t.action = 'run' and (t.state = 'held' or t.generation > 0)
     order by t.node`,
    [deployment],
  );
  const engines = await silentEngines(em, now);
  return found.map(({ finishedAt, liveness, paused, ...target }) => ({
    ...target,
    finishedAt: finishedAt === null ? null : new Date(finishedAt).getTime(),
    presence: presenceOf({ liveness, paused, engineSilentMs: engines.get(target.node) ?? null }),
  }));
}

/** A rollout came to them while they were away. */
export async function parkHeld(em: Em, deployment: string, nodes: readonly string[]): Promise<void> {
  if (nodes.length === 0) return;
  await em.nativeUpdate(TargetRow, { deployment, node: { $in: [...nodes] }, state: 'held' }, { parked: true });
}

/** Nodes on which the outcome of a deployment is still open. */
export async function openNodes(em: Em, deployment: string): Promise<string[]> {
  const found = await rows<{ node: string }>(
    em,
    `select node from deployment_targets where deployment = ? and state in ('pending', 'progressing')`,
    [deployment],
  );
  return found.map(({ node }) => node);
}
