// Steps that agents took for a deployment, with the output of their tools.
import { StepRow } from './entities.ts';
import { type Em, rows } from './rows.ts';

/** Of one step. What comes after is counted: somebody reads this, and nobody reads more. */
export const OUTPUT_LINES = 2000;
/** Of one deployment on one node: an agent that tries again and again must not fill the database. */
const STEPS_A_TARGET = 200;

/** The newest of that name: a step that is tried again has a row for each try. */
function newestStep(em: Em, deployment: string, node: string, step: string): Promise<StepRow | null> {
  return em.findOne(StepRow, { deployment, node, step }, { orderBy: { id: 'desc' }, disableIdentityMap: true });
}

export async function beginStep(
  em: Em,
  step: { deployment: string; node: string; step: string; why: string; startedAt: Date },
): Promise<void> {
  await rows(
    em,
    `insert into deployment_steps (deployment, node, step, why, started_at, output, dropped)
     select ?, ?, ?, ?, ?::timestamptz, '[]'::jsonb, 0
     where (select count(*) from deployment_steps where deployment = ? and node = ?) < ?`,
    [
      step.deployment,
      step.node,
      step.step,
      step.why,
      step.startedAt.toISOString(),
      step.deployment,
      step.node,
      STEPS_A_TARGET,
    ],
  );
}

export async function addOutput(
  em: Em,
  at: { deployment: string; node: string; step: string },
  lines: readonly string[],
): Promise<void> {
  const row = await newestStep(em, at.deployment, at.node, at.step);
  if (!row) return;
  const room = Math.max(0, OUTPUT_LINES - row.output.length);
  const output = [...row.output, ...lines.slice(0, room)];
  const dropped = row.dropped + Math.max(0, lines.length - room);
  await em.nativeUpdate(StepRow, { id: row.id }, { output, dropped });
}

export async function finishStep(
  em: Em,
  at: { deployment: string; node: string; step: string },
  end: { finishedAt: Date; outcome: 'ok' | 'failed'; reason: string | null; exitCode: number | null },
): Promise<void> {
  const row = await newestStep(em, at.deployment, at.node, at.step);
  if (row) await em.nativeUpdate(StepRow, { id: row.id }, end);
}

export function stepsOf(em: Em, deployment: string): Promise<StepRow[]> {
  return em.find(StepRow, { deployment }, { orderBy: { id: 'asc' }, disableIdentityMap: true });
}
