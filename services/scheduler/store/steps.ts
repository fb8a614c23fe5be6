// What nodes told of their steps, bounded for each deployment and node: an agent that tries again and again must not
// fill the database.
import type { StepEvent, StepTold } from '../steps.ts';
import { StepEventRow } from './entities.ts';
import { type Em, rows } from './rows.ts';

const LINES_A_TARGET = 10_000;
const EVENTS_A_TARGET = 1000;

interface Kept extends Omit<StepEvent, 'dropped'> {
  readonly deployment: string;
  readonly node: string;
  readonly sequence: number;
}

/** One at a time for each target: what fits depends on what is there. */
async function usedBy(em: Em, deployment: string, node: string): Promise<{ events: number; lines: number }> {
  await rows(em, 'select 1 from deployment_targets where deployment = ? and node = ? for update', [deployment, node]);
  const [row] = await rows<{ events: string; lines: string }>(
    em,
    `select count(*) as events, coalesce(sum(lines), 0) as lines
     from deployment_step_events where deployment = ? and node = ?`,
    [deployment, node],
  );
  return { events: Number(row?.events ?? 0), lines: Number(row?.lines ?? 0) };
}

export async function keepStepEvent(em: Em, event: Kept): Promise<void> {
  const { deployment, node } = event;
  const used = await usedBy(em, deployment, node);
  const lines = 'lines' in event.told ? event.told.lines : [];
  if (used.events >= EVENTS_A_TARGET) {
    // Counted where it is seen: at the newest there is.
    await rows(
      em,
      `update deployment_step_events set dropped = dropped + ? where id = (
         select id from deployment_step_events where deployment = ? and node = ? order by sequence desc, id desc limit 1)`,
      [lines.length, deployment, node],
    );
    return;
  }
  const fits = lines.slice(0, Math.max(0, LINES_A_TARGET - used.lines));
  const told: StepTold = 'lines' in event.told ? { lines: fits } : event.told;
  await em.insert(StepEventRow, { ...event, told, lines: fits.length, dropped: lines.length - fits.length });
}

export function stepEventsOf(em: Em, deployment: string) {
  return em.find(StepEventRow, { deployment }, { orderBy: { sequence: 'asc', id: 'asc' }, disableIdentityMap: true });
}
