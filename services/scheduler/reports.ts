// A node's report: kept, and compared with what its deployments and removals wait for. Whatever an event would have said
// is in the next report too, so a lost event holds nothing up.
import type { Report } from '#subjects/schema/report.ts';
import type { Issuer } from './issuer.ts';
import { advanceOpen } from './progress.ts';
import { confirmRemovals } from './store/assignments.ts';
import { saveObserved, saveReport } from './store/reports.ts';
import type { Em } from './store/rows.ts';

export async function applyReport(
  em: Em,
  issuer: Issuer,
  node: string,
  report: Report,
  streamSequence: number,
): Promise<void> {
  const now = issuer.now();
  if (!(await saveReport(em, node, report, streamSequence, now))) return;
  await saveObserved(em, node, report.stacks);
  // A node that still holds the document of another epoch counts in other generations.
  if (report.document !== null && report.document.epoch !== issuer.epoch) return;
  const stacks = new Map(report.stacks.map((stack) => [stack.name, stack]));
  await advanceOpen(em, issuer, { node }, (target) =>
    target.generation <= report.observedGeneration
      ? { type: 'observed', generation: report.observedGeneration, stack: stacks.get(target.stack) ?? null }
      : null,
  );
  const present = report.stacks.filter(({ phase }) => phase !== 'removed').map(({ name }) => name);
  await confirmRemovals(em, node, report.observedGeneration, present, now);
}
