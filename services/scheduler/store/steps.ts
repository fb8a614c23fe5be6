// What nodes told of their steps, bounded for each deployment and node.
import { kept, type Used, withinShare } from '../kept-steps.ts';
import type { StepEvent } from '../steps.ts';
import { StepEventRow } from './entities.ts';
import { type Em, rows } from './rows.ts';

interface Told extends Omit<StepEvent, 'dropped' | 'leftOut'> {
  readonly deployment: string;
  readonly node: string;
  readonly sequence: number;
}

/** One at a time for each target: what fits depends on what is there. */
async function usedBy(em: Em, deployment: string, node: string): Promise<Used> {
  await rows(em, 'select 1 from deployment_targets where deployment = ? and node = ? for update', [deployment, node]);
  const [row] = await rows<Record<keyof Used, string>>(
    em,
    `select count(*) as events, coalesce(sum(lines), 0) as lines, coalesce(sum(bytes), 0) as bytes,
       coalesce(sum(bytes) filter (where kind = 'output'), 0) as "outputBytes"
     from deployment_step_events where deployment = ? and node = ?`,
    [deployment, node],
  );
  const count = (name: keyof Used) => Number(row?.[name] ?? 0);
  return { events: count('events'), lines: count('lines'), bytes: count('bytes'), outputBytes: count('outputBytes') };
}

export async function keepStepEvent(em: Em, event: Told): Promise<void> {
  const { deployment, node, step } = event;
  const fits = kept(event, await usedBy(em, deployment, node));
  if (fits !== null) return void (await em.insert(StepEventRow, { ...event, ...fits }));
  const lines = 'lines' in event.told ? event.told.lines.length : 0;
  // Counted where it is seen: at the newest there is of the step.
  await rows(
    em,
    `update deployment_step_events set dropped = dropped + ? where id = (
       select id from deployment_step_events where deployment = ? and node = ?
       order by (step = ?) desc, sequence desc, id desc limit 1)`,
    [lines, deployment, node, step],
  );
}

interface Weighed {
  readonly node: string;
  readonly bytes: number;
}

/** Targets after `after` in order of node, and about what each adds to a page when its output has at most `share` bytes. */
export async function weighedTargets(
  em: Em,
  deployment: string,
  page: { after: string; limit: number; share: number },
): Promise<Weighed[]> {
  const { after, limit, share } = page;
  const found = await rows<{ node: string; bytes: string }>(
    em,
    `select t.node, coalesce(octet_length(t.failure::text), 0) + coalesce(e.steps, 0)
       + least(coalesce(e.output, 0), ?::bigint) as bytes
     from (select node, failure from deployment_targets where deployment = ? and node > ? order by node limit ?) t
     left join lateral (
       select sum(bytes) filter (where kind <> 'output') as steps, sum(bytes) filter (where kind = 'output') as output
       from deployment_step_events s where s.deployment = ? and s.node = t.node) e on true
     order by t.node`,
    [share, deployment, after, limit, deployment],
  );
  return found.map(({ node, bytes }) => ({ node, bytes: Number(bytes) }));
}

export interface StepEventOf extends StepEvent {
  readonly node: string;
}

/** In each node's own order; of the output the first `share` bytes of each node, what is beyond as its number of lines. */
export async function stepEventsOf(
  em: Em,
  deployment: string,
  nodes: readonly string[],
  share: number,
): Promise<StepEventOf[]> {
  if (nodes.length === 0) return [];
  const found = await rows<Omit<StepEventOf, 'at'> & { at: Date | string; before: string | null }>(
    em,
    `select node, kind, step, at, dropped, before,
       case when before >= ?::bigint then '{"lines": []}'::jsonb else told end as told,
       case when before >= ?::bigint then lines else 0 end as "leftOut"
     from (
       select *, case when kind = 'output' then
         sum(bytes) filter (where kind = 'output') over (partition by node order by sequence, id) - bytes end as before
       from deployment_step_events where deployment = ? and node in (?)) e
     order by node, sequence, id`,
    [share, share, deployment, nodes],
  );
  return found.map(({ before, at, ...event }) =>
    withinShare({ ...event, at: new Date(at) }, Number(before ?? 0), share),
  );
}
