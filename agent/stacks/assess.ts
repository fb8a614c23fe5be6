// Pure: what is to be said of one stack now: its phase and reason for the report, and the one outcome of its deployment.
import type { DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import type { ObservedStack } from '#subjects/schema/report.ts';
import { judge } from './health.ts';
import type { Instant, SeenStack } from './model.ts';
import { hasUsedUpTries, removalHash } from './retry.ts';

export interface Assessment {
  readonly phase: ObservedStack['phase'];
  readonly reason: string | null;
  /** The outcome, once it is known; null while it is open. */
  readonly outcome: { readonly ok: boolean; readonly reason: string | null } | null;
  readonly lookAgainAt: Instant | null;
}

/** What the plan would do with the stack, and whether something is being done. */
export interface Outlook {
  readonly isInFlight: boolean;
  readonly pending: string | null;
  readonly isPaused: boolean;
}

export function isSettled(target: DesiredStack, seen: SeenStack): boolean {
  const settled = seen.record?.settled ?? null;
  return settled !== null && settled.hash === target.hash && settled.deployment === target.deployment;
}

export function assess(target: DesiredStack, seen: SeenStack, outlook: Outlook, now: Instant): Assessment {
  const attempts = seen.record?.attempts ?? null;
  const failure = attempts !== null && attempts.hash === target.hash ? attempts.failure : null;
  const still = (phase: Assessment['phase'], reason: string | null = null): Assessment => ({
    phase,
    reason,
    outcome: null,
    lookAgainAt: null,
  });
  const wasUp = isSettled(target, seen) && seen.record?.settled?.ok === true;
  if (outlook.isInFlight) return still('applying', outlook.pending ?? failure);
  if (outlook.pending !== null) {
    if (outlook.isPaused) return still('pending', `the node is paused; waiting: ${outlook.pending}`);
    if (hasUsedUpTries(attempts, target.hash)) return failed(failure ?? outlook.pending);
    if (wasUp) return still('degraded', outlook.pending);
    return attempts !== null && attempts.hash === target.hash
      ? still('applying', failure ?? outlook.pending)
      : still('pending', outlook.pending);
  }
  if (target.state === 'stopped') {
    return { phase: 'stopped', reason: null, outcome: { ok: true, reason: null }, lookAgainAt: null };
  }
  return running(target, seen, wasUp, now);
}

function running(target: DesiredStack, seen: SeenStack, wasUp: boolean, now: Instant): Assessment {
  const verdict = judge(target, seen, now);
  switch (verdict.kind) {
    case 'healthy':
      return { phase: 'running', reason: null, outcome: { ok: true, reason: null }, lookAgainAt: null };
    case 'waiting': {
      const phase = isSettled(target, seen) ? (wasUp ? 'degraded' : 'failed') : 'applying';
      return { phase, reason: verdict.reason, outcome: null, lookAgainAt: verdict.lookAgainAt };
    }
    case 'failed':
      return wasUp
        ? { phase: 'degraded', reason: verdict.reason, outcome: null, lookAgainAt: null }
        : failed(verdict.reason);
    default:
      return verdict satisfies never;
  }
}

function failed(reason: string): Assessment {
  return { phase: 'failed', reason, outcome: { ok: false, reason }, lookAgainAt: null };
}

export function assessRemoval(entry: RemovedStack, seen: SeenStack, outlook: Outlook): Assessment {
  const done = seen.record?.removedGeneration ?? -1;
  if (done >= entry.generation) {
    return { phase: 'removed', reason: null, outcome: { ok: true, reason: null }, lookAgainAt: null };
  }
  const attempts = seen.record?.attempts ?? null;
  const hash = removalHash(entry);
  if (!outlook.isInFlight && hasUsedUpTries(attempts, hash))
    return failed(attempts?.failure ?? 'it could not be removed');
  return { phase: 'removing', reason: outlook.pending, outcome: null, lookAgainAt: null };
}
