// Pure: is a stack that was brought up really running? `docker compose up --wait` passes crash loops and fails one-shot
// jobs, so the agent judges by what the engine tells of each container over time: jobs ended with 0, health checks pass,
// and whatever runs has run for the stability window without a restart. One that nothing starts again and that ended
// badly has failed at once.
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { gatesOf } from './gates.ts';
import {
  type Instant,
  isFinishedJob,
  isStoppedByHand,
  NOTHING_SEEN,
  type SeenContainer,
  type SeenStack,
  type StackRecord,
} from './model.ts';

export type Verdict =
  | { readonly kind: 'healthy' }
  | (Fault & { readonly kind: 'waiting'; readonly lookAgainAt: Instant | null })
  | (Fault & { readonly kind: 'failed' });

interface Fault {
  readonly reason: string;
  /** Whose fault it is. */
  readonly container: SeenContainer | null;
}

/** Engines restart with growing waits; after this many the container does not come up by itself. */
const CRASH_LOOP_RESTARTS = 3;

type Terms = Pick<DesiredStack, 'stabilitySeconds' | 'healthTimeoutSeconds' | 'deployment' | 'compose'>;
type Gate = Pick<Terms, 'stabilitySeconds'> & { readonly isJob: boolean };

export function judge(terms: Terms, seen: SeenStack, now: Instant): Verdict {
  const { record } = seen;
  if (record === null) return { kind: 'waiting', reason: 'not brought up yet', container: null, lookAgainAt: null };
  const gates = gatesOf(terms);
  const verdicts = seen.containers
    .filter((container) => container.service in record.services)
    .map((container) => {
      const { stabilitySeconds = terms.stabilitySeconds, job = false } = gates[container.service] ?? {};
      return judgeContainer(container, { stabilitySeconds, isJob: job }, record, now);
    });
  const failed = verdicts.find((verdict) => verdict.kind === 'failed');
  if (failed) return failed;
  const waiting = verdicts.filter((verdict) => verdict.kind === 'waiting');
  const [first] = waiting;
  if (first === undefined) return { kind: 'healthy' };
  const deadline = deadlineOf(terms, record);
  if (deadline !== null && now >= deadline) {
    const reason = `${first.reason}; gave it ${terms.healthTimeoutSeconds} s`;
    return { kind: 'failed', reason, container: first.container };
  }
  return { ...first, lookAgainAt: earliest([...waiting.map(({ lookAgainAt }) => lookAgainAt), deadline]) };
}

/** Ended badly, and nothing but us would start it again. */
export function brokenDown({ record, containers }: SeenStack): SeenContainer | null {
  const broken = containers.find(
    (container) =>
      record !== null &&
      container.service in record.services &&
      container.restartPolicy === 'no' &&
      container.state === 'exited' &&
      !isFinishedJob(container) &&
      container.startError === null &&
      !isStoppedByHand(container),
  );
  return broken ?? null;
}

export function whyDown(container: SeenContainer): string {
  if (container.startError !== null) return `${container.name} can't be started: ${container.startError}`;
  if (container.state === 'created') return `${container.name} was never started`;
  if (container.oomKilled) return `${container.name} ran out of memory`;
  return `${container.name} exited with code ${container.exitCode ?? 'unknown'}`;
}

/** A deployment that found its version already there has no time limit of its own. */
function deadlineOf(terms: Terms, record: StackRecord): Instant | null {
  if (record.deployment !== terms.deployment) return null;
  return record.appliedAt + terms.healthTimeoutSeconds * 1000;
}

function judgeContainer(container: SeenContainer, gate: Gate, record: StackRecord, now: Instant): Verdict {
  const { name } = container;
  if (isFinishedJob(container)) return { kind: 'healthy' };
  const restarts = container.restarts - (record.restartsBefore[container.id] ?? 0);
  const failed = (reason: string): Verdict => ({ kind: 'failed', reason, container });
  const waiting = (reason: string, lookAgainAt: Instant | null = null): Verdict => {
    return { kind: 'waiting', reason, container, lookAgainAt };
  };
  if (restarts >= CRASH_LOOP_RESTARTS && !isSteady(container, gate, record, now)) {
    return failed(`${name} crashes again and again: ${restarts} restarts${lastExit(container)}`);
  }
  if (brokenDown({ ...NOTHING_SEEN, record, containers: [container] })) return failed(whyDown(container));
  if (container.health === 'unhealthy') return failed(`${name} is unhealthy`);
  if (container.state !== 'running') return waiting(`${name} is ${container.state}${lastExit(container)}`);
  if (gate.isJob) return waiting(`${name} has not ended`);
  if (container.health === 'starting') return waiting(`${name} is not healthy yet`);
  if (isSteady(container, gate, record, now)) return { kind: 'healthy' };
  return waiting(
    restarts > 0 ? `${name} has just restarted${lastExit(container)}` : `${name} has just started`,
    runningSince(container, record, now) + gate.stabilitySeconds * 1000,
  );
}

function isSteady(container: SeenContainer, gate: Gate, record: StackRecord, now: Instant): boolean {
  if (container.state !== 'running') return false;
  return now - runningSince(container, record, now) >= gate.stabilitySeconds * 1000;
}

/** The engine's clock may be another machine's: a start in the future counts from when the stack was brought up. */
function runningSince(container: SeenContainer, record: StackRecord, now: Instant): Instant {
  const started = container.startedAt ?? record.appliedAt;
  return started <= now ? started : Math.min(record.appliedAt, now);
}

function lastExit(container: SeenContainer): string {
  if (container.oomKilled || container.lastExit?.oom) return ', out of memory';
  const code = container.exitCode ?? container.lastExit?.code ?? null;
  return code === null || code === 0 ? '' : `, exit code ${code}`;
}

export function earliest(instants: readonly (Instant | null)[]): Instant | null {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? null : Math.min(...known);
}
