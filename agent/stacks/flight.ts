// One stack's steps being carried out. Invariants: one flight a stack; a step is remembered before the next begins; a
// newer document ends the flight between two steps, cuts a pull short at once and gives a change a moment to end.
import type { Logger } from '#infra/logger.ts';
import type { Recorder } from '../outbox/recorder.ts';
import { gatherOutput } from '../outbox/step-output.ts';
import { corrected, isInPlace } from './drift.ts';
import { whatHoldsUp } from './failure.ts';
import type { Fetching } from './fetching.ts';
import type { Ledger } from './ledger.ts';
import type { SeenContainer } from './model.ts';
import { removalHash, triesKey } from './retry.ts';
import type { StackRuntime, StepResult } from './runtime.ts';
import { describe, type Step } from './steps.ts';

/** Compose mostly ends within it; one that waits for a dependency that never gets healthy does not. */
const SUPERSEDED_GRACE_MS = 10_000;

export interface FlightParts {
  readonly runtime: StackRuntime;
  readonly ledger: Ledger;
  readonly fetches: Fetching;
  readonly recorder: Recorder;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  now(): number;
}

export interface Flight {
  readonly stack: string;
  /** What is being done, in a sentence. */
  readonly why: string;
  /** Of the version it works for. */
  readonly hash: string;
  readonly ended: Promise<void>;
  /** Fetching images takes none: it costs the engine little and may last an hour. */
  takesPlace(): boolean;
  /** @param graceMs for a step that changes containers */
  abort(graceMs?: number): void;
}

export function startFlight(steps: readonly [Step, ...Step[]], isRepair: boolean, parts: FlightParts): Flight {
  const between = new AbortController();
  const amidst = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let present: Step | null = null;
  const [first] = steps;

  async function fly(): Promise<void> {
    for (const step of steps) {
      if (between.signal.aborted) return;
      present = step;
      if (step.kind === 'pull' || step.kind === 'up' || step.kind === 'recreate') parts.ledger.begun(step.target);
      const result = await carryOut(step, isRepair, parts, step.kind === 'pull' ? between.signal : amidst.signal);
      if (!(await remember(step, result, parts, between.signal.aborted)).ok) return;
    }
  }

  return {
    stack: first.stack,
    why: first.why,
    hash: hashOf(first),
    takesPlace: () => present?.kind !== 'pull',
    ended: fly().finally(() => clearTimeout(timer)),
    abort(graceMs = SUPERSEDED_GRACE_MS) {
      between.abort();
      timer ??= setTimeout(() => amidst.abort(), graceMs);
    },
  };
}

function hashOf(step: Step): string {
  return step.kind === 'down' ? removalHash(step) : step.target.hash;
}

function keyOf(step: Step): string {
  return step.kind === 'down' ? removalHash(step) : triesKey(step.target);
}

/** What belongs to no deployment any more is told without one: a repair comes after its outcome. */
export function aboutOf(step: Step, isRepair: boolean) {
  const { deployment } = step.kind === 'down' ? step : step.target;
  const revision = step.kind === 'down' ? null : step.target.revision;
  return { stack: step.stack, revision, deployment: isRepair ? null : deployment };
}

async function carryOut(step: Step, isRepair: boolean, parts: FlightParts, signal: AbortSignal): Promise<StepResult> {
  const { recorder, log, now } = parts;
  const about = { ...aboutOf(step, isRepair), step: step.kind };
  log.info({ stack: step.stack, step: step.kind }, describe(step));
  recorder.record({ type: 'stack.step.started', ...about, why: step.why });
  const output = gatherOutput((lines) => recorder.recordSoon({ type: 'stack.step.output', ...about, lines }));
  const began = now();
  const result = await executed(step, parts, { signal, onLine: output.line });
  output.end();
  const outcome = result.ok ? 'ok' : 'failed';
  const reason = result.ok ? null : signal.aborted ? 'broken off' : result.reason;
  const { exitCode } = result;
  const durationMs = Math.max(0, Math.round(now() - began));
  recorder.record({ type: 'stack.step.finished', ...about, outcome, reason, exitCode, durationMs });
  if (!result.ok) log.warn({ stack: step.stack, step: step.kind, exitCode, reason }, 'a step failed');
  return result;
}

async function executed(
  step: Step,
  { runtime, fetches }: FlightParts,
  io: { signal: AbortSignal; onLine(line: string): void },
): Promise<StepResult> {
  const mayFetch = step.kind === 'pull' || (step.kind === 'up' && step.pull === 'as-written');
  const work = () => runtime.execute(step, io);
  const result = await (mayFetch ? fetches.during(step.target, work) : work());
  if (!result.isOverdue) return result;
  const held = whatHoldsUp(await containersOf(step.stack, runtime).catch(() => []));
  return held === '' ? result : { ...result, reason: `${result.reason}: ${held}` };
}

async function remember(step: Step, result: StepResult, parts: FlightParts, wasAborted: boolean): Promise<StepResult> {
  const { ledger, recorder, runtime, now } = parts;
  if (!result.ok) {
    if (!wasAborted) ledger.brokenOff(step.stack, keyOf(step), now(), result);
    return result;
  }
  switch (step.kind) {
    case 'pull':
      break;
    case 'up':
    case 'recreate': {
      const all = await containersOf(step.stack, runtime);
      const containers = all.filter(({ service }) => result.services?.includes(service) ?? true);
      ledger.broughtUp(step.target, containers, now(), undone(step, containers, parts));
      await runtime.applied(step.target);
      break;
    }
    case 'start':
      ledger.started(step.target, await containersOf(step.stack, runtime), now());
      break;
    case 'stop':
      ledger.stopped(step.target, undone(step, [], parts).event);
      break;
    case 'down': {
      const { deployment } = step;
      const isTold = deployment === null || ledger.hasTold(step.stack, removalHash(step), deployment);
      const about = { stack: step.stack, revision: null, deployment };
      const settled = { type: 'stack.settled', ...about, outcome: 'succeeded', reason: null, failure: null } as const;
      ledger.takenDown(step.stack, step, isTold ? null : recorder.prepared(settled));
      break;
    }
    default:
      return step satisfies never;
  }
  return result;
}

async function containersOf(stack: string, runtime: StackRuntime): Promise<SeenContainer[]> {
  const { containers } = await runtime.observe({ images: [], stacks: [] });
  return containers.filter((container) => container.stack === stack);
}

/** Told drift that this step has ended, and what is left of it for another. */
function undone(step: Step, containers: readonly SeenContainer[], { ledger, recorder }: FlightParts) {
  const told = ledger.find(step.stack)?.drift ?? [];
  const left = told.filter((item) => isInPlace(item) !== (step.kind === 'recreate'));
  const items = corrected(
    told.filter((item) => !left.includes(item)),
    containers,
  );
  const event = items.length === 0 ? null : recorder.prepared({ type: 'stack.corrected', stack: step.stack, items });
  return { left, event };
}
