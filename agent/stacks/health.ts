// Pure: is a stack that was brought up really running? `docker compose up --wait` passes crash loops and fails one-shot
// jobs, so the agent judges by what the engine tells of each container over time.
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { type Instant, isFinishedJob, type SeenContainer, type SeenStack, type StackRecord } from './model.ts';

export type Verdict =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'waiting'; readonly reason: string; readonly lookAgainAt: Instant | null }
  | { readonly kind: 'failed'; readonly reason: string };

/** Engines restart with growing waits; after this many the container does not come up by itself. */
const CRASH_LOOP_RESTARTS = 3;

type Terms = Pick<DesiredStack, 'stabilitySeconds' | 'healthTimeoutSeconds' | 'deployment'>;

export function judge(terms: Terms, seen: SeenStack, now: Instant): Verdict {
  const { record } = seen;
  if (record === null) return { kind: 'waiting', reason: 'not brought up yet', lookAgainAt: null };
  const verdicts = seen.containers
    .filter((container) => container.service in record.services)
    .map((container) => judgeContainer(container, terms, record, now));
  const failed = verdicts.find((verdict) => verdict.kind === 'failed');
  if (failed) return failed;
  const waiting = verdicts.filter((verdict) => verdict.kind === 'waiting');
  const [first] = waiting;
  if (first === undefined) return { kind: 'healthy' };
  const deadline = deadlineOf(terms, record);
  if (deadline !== null && now >= deadline) {
    return { kind: 'failed', reason: `${first.reason}; gave it ${terms.healthTimeoutSeconds} s` };
  }
  return { ...first, lookAgainAt: earliest([...waiting.map(({ lookAgainAt }) => lookAgainAt), deadline]) };
}

/** A deployment that found its version already there has no time limit of its own. */
function deadlineOf(terms: Terms, record: StackRecord): Instant | null {
  if (record.deployment !== terms.deployment) return null;
  return record.appliedAt + terms.healthTimeoutSeconds * 1000;
}

function judgeContainer(container: SeenContainer, terms: Terms, record: StackRecord, now: Instant): Verdict {
  const { name } = container;
  if (isFinishedJob(container)) return { kind: 'healthy' };
  const restarts = container.restarts - (record.restartsBefore[container.id] ?? 0);
  if (restarts >= CRASH_LOOP_RESTARTS && !isSteady(container, terms, record, now)) {
    return { kind: 'failed', reason: `${name} crashes again and again: ${restarts} restarts${lastExit(container)}` };
  }
  if (container.health === 'unhealthy') return { kind: 'failed', reason: `${name} is unhealthy` };
  if (container.state !== 'running') {
    return { kind: 'waiting', reason: `${name} is ${container.state}${lastExit(container)}`, lookAgainAt: null };
  }
  if (container.health === 'starting') {
    return { kind: 'waiting', reason: `${name} is not healthy yet`, lookAgainAt: null };
  }
  if (container.health === 'healthy' || isSteady(container, terms, record, now)) return { kind: 'healthy' };
  const lookAgainAt = runningSince(container, record, now) + terms.stabilitySeconds * 1000;
  return { kind: 'waiting', reason: `${name} has just started`, lookAgainAt };
}

function isSteady(container: SeenContainer, terms: Terms, record: StackRecord, now: Instant): boolean {
  if (container.state !== 'running') return false;
  return now - runningSince(container, record, now) >= terms.stabilitySeconds * 1000;
}

/** The engine's clock may be another machine's: a start in the future counts from when the stack was brought up. */
function runningSince(container: SeenContainer, record: StackRecord, now: Instant): Instant {
  const started = container.startedAt ?? record.appliedAt;
  return started <= now ? started : Math.min(record.appliedAt, now);
}

function lastExit(container: SeenContainer): string {
  if (container.oomKilled) return ', out of memory';
  return container.exitCode === null || container.exitCode === 0 ? '' : `, exit code ${container.exitCode}`;
}

export function earliest(instants: readonly (Instant | null)[]): Instant | null {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? null : Math.min(...known);
}
