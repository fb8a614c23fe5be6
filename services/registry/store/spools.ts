// Which events of a node's spool were seen, and which are missing.
import type { SpoolPosition } from '#infra/nats/bus.ts';
import type { EntityManager } from '#infra/postgres/orm.ts';

/** The stream delivers again for minutes; agents keep what is not acknowledged for as long as they are cut off. */
const KEPT = '30 days';
/** A message that failed comes again after 1, 5, 30 and 120 s; later ones pass it meanwhile. */
const GAP_PATIENCE = '5 minutes';

/** @returns false when it was seen before */
export async function isFirstTime(
  em: EntityManager,
  node: string,
  { epoch, sequence }: SpoolPosition,
  at: Date,
): Promise<boolean> {
  const added = await em.execute(
    `insert into node_events (node, epoch, sequence, received_at) values (?, ?, ?, ?::timestamptz)
     on conflict do nothing returning sequence`,
    [node, epoch, sequence, at.toISOString()],
  );
  return added.length > 0;
}

/** Notes the events between the highest that was seen and this one as missing. A spool counts from 1. */
export async function noteGap(
  em: EntityManager,
  node: string,
  { epoch, sequence }: SpoolPosition,
  at: Date,
): Promise<void> {
  const [before] = await em.execute<{ highest: string }[]>(
    'select highest from node_spools where node = ? and epoch = ? for update',
    [node, epoch],
  );
  const highest = Number(before?.highest ?? 0);
  if (sequence <= highest) return;
  await em.execute(
    `insert into node_spools (node, epoch, highest) values (?, ?, ?)
     on conflict (node, epoch) do update set highest = greatest(node_spools.highest, excluded.highest)`,
    [node, epoch, sequence],
    'run',
  );
  if (sequence === highest + 1) return;
  await em.execute(
    `insert into node_gaps (node, epoch, first, last, found_at) values (?, ?, ?, ?, ?::timestamptz)
     on conflict do nothing`,
    [node, epoch, highest + 1, sequence - 1, at.toISOString()],
    'run',
  );
}

/** The node itself says that it had to drop these. */
export async function forgetGaps(
  em: EntityManager,
  node: string,
  epoch: string,
  lost: { from: number; to: number },
): Promise<void> {
  await em.execute(
    'delete from node_gaps where node = ? and epoch = ? and first >= ? and last <= ?',
    [node, epoch, lost.from, lost.to],
    'run',
  );
}

export interface Gap {
  readonly node: string;
  readonly from: number;
  readonly to: number;
  readonly missing: number;
}

/** Takes the gaps that have waited long enough; `missing` is 0 for those that were filled meanwhile. */
export async function takeGaps(em: EntityManager, now: Date): Promise<Gap[]> {
  const rows = await em.execute<Record<'node' | 'first' | 'last' | 'missing', string>[]>(
    `with taken as (
       delete from node_gaps where found_at < ?::timestamptz - interval '${GAP_PATIENCE}' returning *)
     select g.node, g.first, g.last, g.last - g.first + 1 - (
       select count(*) from node_events e
       where e.node = g.node and e.epoch = g.epoch and e.sequence between g.first and g.last) as missing
     from taken g`,
    [now.toISOString()],
  );
  return rows.map(({ node, first, last, missing }) => ({
    node,
    from: Number(first),
    to: Number(last),
    missing: Number(missing),
  }));
}

export async function forgetEvents(em: EntityManager, now: Date): Promise<void> {
  await em.execute(
    `delete from node_events where received_at < ?::timestamptz - interval '${KEPT}'`,
    [now.toISOString()],
    'run',
  );
}
