// Pure: what a node still tells when its whole report is larger than a message. What stands for a decision of the core
// stays: each stack, its phase, what it settled. Descriptions go, those of containers that are well before all others, and
// what goes is counted.
import type { Condition, ObservedService, ObservedStack, Report } from '#subjects/schema/report.ts';

interface Measure {
  /** Containers described of a stack. */
  readonly services: number;
  readonly drift: number;
  readonly unmanaged: number;
  readonly characters: number;
}

/** From the mildest on, until it fits. */
const MEASURES: readonly Measure[] = [
  { services: 20, drift: 10, unmanaged: 1000, characters: 512 },
  { services: 2, drift: 2, unmanaged: 100, characters: 256 },
  { services: 0, drift: 0, unmanaged: 0, characters: 128 },
];
export const REDUCTIONS = MEASURES.length;

const isWell = ({ state, health }: ObservedService) => state === 'running' && (health ?? 'healthy') === 'healthy';

function counted(services: readonly ObservedService[]): Record<string, number> {
  const states = Map.groupBy(services, ({ state }) => state);
  return Object.fromEntries([...states].map(([state, found]) => [state, found.length]));
}

function reducedStack(stack: ObservedStack, measure: Measure): ObservedStack {
  const cut = (text: string | null) => (text === null ? null : text.slice(0, measure.characters));
  const unwell = stack.services.filter((service) => !isWell(service));
  const described = [...unwell, ...stack.services.filter(isWell)];
  const left = described.slice(measure.services);
  return {
    ...stack,
    reason: cut(stack.reason),
    services: described.slice(0, measure.services),
    ...(left.length === 0 ? {} : { leftOut: counted(left) }),
    drift: stack.drift.slice(0, measure.drift).map(({ expected, actual, ...item }) => ({
      ...{ ...item, expected: cut(expected), actual: cut(actual) },
    })),
    settled: stack.settled && { ...stack.settled, reason: cut(stack.settled.reason) },
  };
}

/** @param step from 1 to REDUCTIONS. @param since when the whole one did not fit any more */
export function reducedReport(report: Report, step: number, since: string): Report {
  const measure = MEASURES[step - 1];
  if (measure === undefined) throw new RangeError(`there is no reduction ${step}`);
  const stacks = report.stacks.map((stack) => reducedStack(stack, measure));
  const told: Condition = {
    ...{ type: 'report-reduced', status: true, since },
    reason: 'the whole report is larger than a message: descriptions of containers are left out, their number is told',
  };
  return {
    ...report,
    stacks,
    unmanaged: report.unmanaged.slice(0, measure.unmanaged),
    conditions: [...report.conditions, told],
  };
}
