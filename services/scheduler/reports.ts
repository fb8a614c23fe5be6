// A node's report: kept, and compared with what its deployments and removals wait for. Whatever an event would have said
// is in the next report too, so a lost event holds nothing up.
import type { ObservedStack, Report } from '#subjects/schema/report.ts';
import type { Issuer } from './issuer.ts';
import { advanceOpen } from './progress.ts';
import type { Input } from './rollout.ts';
import { confirmRemovals } from './store/assignments.ts';
import type { TargetRow } from './store/entities.ts';
import { saveObserved, saveReport } from './store/reports.ts';
import type { Em } from './store/rows.ts';

function told(target: TargetRow, { observedGeneration }: Report, stack: ObservedStack | null): Input | null {
  const settled = stack?.settled;
  if (settled?.deployment === target.deployment) {
    return { type: 'settled', outcome: settled.outcome, reason: settled.reason, failure: null };
  }
  if (target.generation > observedGeneration) return null;
  return { type: 'observed', generation: observedGeneration, stack };
}

/** @returns whether it moved a target of a deployment */
export async function applyReport(
  em: Em,
  issuer: Issuer,
  node: string,
  report: Report,
  streamSequence: number,
): Promise<boolean> {
  const now = issuer.now();
  if (!(await saveReport(em, node, report, streamSequence, now))) return false;
  await saveObserved(em, node, report.stacks);
  // A node that still holds the document of another epoch counts in other generations.
  if (report.document !== null && report.document.epoch !== issuer.epoch) return false;
  const stacks = new Map(report.stacks.map((stack) => [stack.name, stack]));
  const moved = await advanceOpen(em, issuer, node, (target) => told(target, report, stacks.get(target.stack) ?? null));
  const present = report.stacks.filter(({ phase }) => phase !== 'removed').map(({ name }) => name);
  await confirmRemovals(em, node, report.observedGeneration, present, now);
  return moved;
}
