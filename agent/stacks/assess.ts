// Pure: what is to be said of one stack now: its phase and reason for the report, and the one outcome of its deployment.
import type { DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import type { ObservedStack } from '#subjects/schema/report.ts';
import { describeDrift, driftOf } from './drift.ts';
import { blamed } from './failure.ts';
import { brokenDown, judge, whyDown } from './health.ts';
import { type Instant, isSettled, type SeenContainer, type SeenStack } from './model.ts';
import { hasUsedUpTries, removalHash, triesKey } from './retry.ts';
import { effectiveTarget, type Goal, whyBack } from './rollback.ts';

export interface Outcome {
  /** Something of it runs well, if only the last good version. */
  readonly ok: boolean;
  readonly word: 'succeeded' | 'failed' | 'rolled-back';
  readonly reason: string | null;
  /** Whose fault it is. */
  readonly culprit: SeenContainer | null;
}

export interface Assessment {
  readonly phase: ObservedStack['phase'];
  readonly reason: string | null;
  /** The outcome, once it is known; null while it is open. */
  readonly outcome: Outcome | null;
  readonly lookAgainAt: Instant | null;
}

/** What the plan would do with the stack, and whether something is being done. */
export interface Outlook {
  readonly isInFlight: boolean;
  readonly pending: string | null;
  readonly isPaused: boolean;
}

interface Settlement {
  /** The deployment has got its outcome. */
  readonly isOver: boolean;
  /** And it ran since. */
  readonly wasUp: boolean;
}

const SUCCEEDED: Outcome = { ok: true, word: 'succeeded', reason: null, culprit: null };

export function assess(target: DesiredStack, seen: SeenStack, outlook: Outlook, now: Instant): Assessment {
  const goal = effectiveTarget(target, seen);
  const isOver = isSettled(target, seen);
  const wasUp = isOver && seen.record?.settled?.ok === true;
  const found =
    outlook.isInFlight || outlook.pending !== null ? unfinished(goal, seen, outlook, { isOver, wasUp }) : null;
  const rest = found ?? atRest(goal, seen, { isOver, wasUp }, now);
  const items = target.drift === 'report' && isOver && !outlook.isInFlight ? driftOf(goal.target, seen) : [];
  if (items.length === 0 || rest.phase === 'failed') return rest;
  return { ...rest, phase: 'degraded', reason: `it was changed by hand: ${describeDrift(items)}` };
}

const still = (phase: Assessment['phase'], reason: string | null = null): Assessment => {
  return { phase, reason, outcome: null, lookAgainAt: null };
};

function unfinished(goal: Goal, seen: SeenStack, outlook: Outlook, settled: Settlement): Assessment {
  const { isOver, wasUp } = settled;
  const { record } = seen;
  const key = triesKey(goal.target);
  const attempts = record?.attempts?.hash === key ? record.attempts : null;
  const failure = attempts?.failure ?? null;
  const pending = outlook.pending ?? failure ?? '';
  if (outlook.isInFlight) {
    const doing = outlook.pending ?? failure;
    return isOver && !wasUp ? triedAgain(seen, doing) : still('applying', doing);
  }
  if (outlook.isPaused) return still('pending', `the node is paused; waiting: ${pending}`);
  const broken = !wasUp && wasBroughtUp(goal.target, seen) ? brokenDown(seen) : null;
  if (broken !== null) return failed(goal, whyDown(broken), broken);
  if (hasUsedUpTries(attempts, key)) {
    const reason = failure ?? pending;
    return failed(goal, reason, blamed(seen.containers, reason));
  }
  if (wasUp) return still('degraded', pending);
  if (attempts !== null) return still('applying', failure ?? pending);
  return still(goal.givenUp === null ? 'pending' : 'applying', pending);
}

/** What failed has failed until it runs. */
function triedAgain({ record }: SeenStack, doing: string | null): Assessment {
  const cause = record?.settled?.reason ?? null;
  return still('failed', cause === null ? doing : `${cause}; tried again${doing === null ? '' : `: ${doing}`}`);
}

/** For this deployment, and nothing else was begun since. */
function wasBroughtUp({ hash, deployment }: DesiredStack, { record }: SeenStack): boolean {
  if (record === null || record.appliedHash !== hash || record.deployment !== deployment) return false;
  return record.begunHash === null || record.begunHash === hash;
}

function atRest(goal: Goal, seen: SeenStack, settled: Settlement, now: Instant): Assessment {
  if (goal.target.state === 'stopped') return { ...still('stopped'), outcome: SUCCEEDED };
  const verdict = judge(goal.target, seen, now);
  switch (verdict.kind) {
    case 'healthy':
      return healthy(goal);
    case 'waiting': {
      const { reason, lookAgainAt } = verdict;
      if (settled.isOver && !settled.wasUp) return { ...triedAgain(seen, reason), lookAgainAt };
      return { ...still(settled.isOver ? 'degraded' : 'applying', reason), lookAgainAt };
    }
    case 'failed':
      return settled.wasUp ? still('degraded', verdict.reason) : failed(goal, verdict.reason, verdict.container);
    default:
      return verdict satisfies never;
  }
}

function healthy({ target, givenUp }: Goal): Assessment {
  if (givenUp === null) return { ...still('running'), outcome: SUCCEEDED };
  const { revision, reason } = givenUp;
  return {
    ...still('rolled-back', `revision ${revision} failed: ${reason}; revision ${target.revision} runs`),
    outcome: { ok: true, word: 'rolled-back', reason, culprit: null },
  };
}

function failed(goal: Goal, cause: string, culprit: SeenContainer | null): Assessment {
  const back = whyBack(goal);
  const reason = back === null ? cause : `${back} failed too: ${cause}`;
  return { ...still('failed', reason), outcome: { ok: false, word: 'failed', reason, culprit } };
}

export function assessRemoval(entry: RemovedStack, seen: SeenStack, outlook: Outlook): Assessment {
  const done = seen.record?.removedGeneration ?? -1;
  if (done >= entry.generation) return { ...still('removed'), outcome: SUCCEEDED };
  const attempts = seen.record?.attempts ?? null;
  if (!outlook.isInFlight && hasUsedUpTries(attempts, removalHash(entry))) {
    const reason = attempts?.failure ?? 'it could not be removed';
    return { ...still('failed', reason), outcome: { ok: false, word: 'failed', reason, culprit: null } };
  }
  return still('removing', outlook.pending);
}
