// What operators ask of a running stack once: a restart, a pull. Told like a deployment: its step, the tool's own output
// and one outcome, which it gets even when the agent dies in the middle.
import type { Logger } from '#infra/logger.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { NodeAction } from '#subjects/schema/action.ts';
import type { DesiredDocument, DesiredStack } from '#subjects/schema/desired.ts';
import type { StackFailure } from '#subjects/schema/node-event.ts';
import type { Recorder } from '../outbox/recorder.ts';
import { gatherOutput } from '../outbox/step-output.ts';
import type { AgentStore } from '../state/store.ts';
import { failureOf } from './failure.ts';
import { judge } from './health.ts';
import type { StackLoop } from './loop.ts';
import { isActive, type SeenStack } from './model.ts';
import type { StackRuntime, StepResult } from './runtime.ts';

export type StackAction = Extract<NodeAction, { kind: 'restart' | 'pull' }>;
export type Restart = (
  stack: string,
  services: readonly string[],
  io: { signal: AbortSignal; onLine(line: string): void },
) => Promise<StepResult>;

export interface ActionParts {
  readonly loop: Pick<StackLoop, 'exclusive' | 'observed' | 'goal' | 'fetching'>;
  readonly runtime: Pick<StackRuntime, 'execute' | 'lastWords'>;
  readonly restart: Restart;
  readonly store: Pick<AgentStore, 'openActions' | 'beginAction' | 'endAction'>;
  readonly recorder: Recorder;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  now(): number;
  document(): DesiredDocument | null;
}

export interface StackActions {
  /** Begins it. @throws OverseerError `stack-not-found`, `conflict` */
  act(action: StackAction): void;
  stop(): Promise<void>;
}

interface Outcome {
  readonly ok: boolean;
  readonly reason: string | null;
  readonly failure: StackFailure | null;
}

const LOOK_EVERY_MS = 1000;
const INTERRUPTED = 'the agent was restarted before it was done';

export function startActions(parts: ActionParts): StackActions {
  const { loop, runtime, store, recorder, log, now } = parts;
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();

  function settle(deployment: string, about: { stack: string; revision: number | null }, outcome: Outcome): void {
    const word = outcome.ok ? 'succeeded' : 'failed';
    const reason = outcome.reason?.slice(0, 8000) ?? null;
    const { failure } = outcome;
    const { stack, revision } = about;
    store.endAction(
      deployment,
      recorder.prepared({ type: 'stack.settled', stack, revision, deployment, outcome: word, reason, failure }),
    );
    recorder.announce();
  }

  for (const { deployment, ...about } of store.openActions()) {
    settle(deployment, about, { ok: false, reason: INTERRUPTED, failure: null });
  }

  const wanted = (stack: string) => loop.goal(stack) ?? undefined;
  const seen = async (stack: string) => (await loop.observed()).stacks.get(stack) ?? null;

  async function carryOut(action: StackAction, target: DesiredStack, signal: AbortSignal): Promise<StepResult> {
    const { kind, stack, deployment } = action;
    const list = action.services.length === 0 ? 'all services' : action.services.join(', ');
    const about = { stack, revision: target.revision, deployment, step: kind };
    recorder.record({ type: 'stack.step.started', ...about, why: `an operator asked for it: ${list}` });
    const output = gatherOutput((lines) => recorder.recordSoon({ type: 'stack.step.output', ...about, lines }));
    const began = now();
    const io = { signal, onLine: output.line };
    const result = await (kind === 'restart' ? restart(action, io) : pull(action, target, io));
    output.end();
    const durationMs = Math.max(0, Math.round(now() - began));
    const { exitCode, ok } = result;
    const reason = ok ? null : signal.aborted ? 'broken off' : result.reason;
    recorder.record({
      type: 'stack.step.finished',
      ...about,
      outcome: ok ? 'ok' : 'failed',
      reason,
      exitCode,
      durationMs,
    });
    if (!ok) log.warn({ stack, step: kind, exitCode, reason }, 'an action failed');
    return ok ? result : { ...result, reason };
  }

  type Io = Parameters<Restart>[2];

  async function restart({ stack, services }: StackAction, io: Io): Promise<StepResult> {
    // Without names Compose would run jobs again that have ended.
    const active = ((await seen(stack))?.containers ?? []).filter(isActive).map(({ service }) => service);
    const chosen = services.length > 0 ? services : [...new Set(active)].toSorted();
    if (chosen.length === 0) {
      return { ok: false, exitCode: null, reason: 'nothing of it runs', permanent: false };
    }
    return parts.restart(stack, chosen, io);
  }

  function pull({ stack, services }: StackAction, target: DesiredStack, io: Io): Promise<StepResult> {
    const step = { kind: 'pull', stack, why: 'an operator asked for it', target, services } as const;
    return loop.fetching(target, () => runtime.execute(step, io));
  }

  async function newer(stack: string, before: SeenStack | null): Promise<string | null> {
    const named = new Map((before?.containers ?? []).map(({ id, taggedId }) => [id, taggedId]));
    const changed = ((await seen(stack))?.containers ?? []).filter(
      ({ id, taggedId }) => taggedId !== null && named.has(id) && named.get(id) !== taggedId,
    );
    const images = [...new Set(changed.map(({ service, image }) => `${service} (${image})`))].toSorted();
    if (images.length === 0) return 'nothing newer was found';
    return `newer images arrived: ${images.join(', ')}; containers keep the ones they have until they are made anew`;
  }

  /** As after an `up` that ended just now. */
  async function health(action: StackAction, target: DesiredStack, since: number): Promise<Outcome | null> {
    const { stack, services } = action;
    let restartsBefore: Record<string, number> | null = null;
    while (!stopping.signal.aborted) {
      if (wanted(stack)?.hash !== target.hash) {
        return { ok: false, reason: 'another version of the stack was asked for meanwhile', failure: null };
      }
      const found = await seen(stack).catch(() => null);
      if (found !== null) {
        const { record, containers } = found;
        if (record === null) return { ok: true, reason: null, failure: null };
        restartsBefore ??= Object.fromEntries(containers.map(({ id, restarts }) => [id, restarts]));
        const chosen = Object.entries(record.services).filter(
          ([name]) => services.length === 0 || services.includes(name),
        );
        const after = { ...record, appliedAt: since, deployment: target.deployment, restartsBefore };
        const verdict = judge(target, { ...found, record: { ...after, services: Object.fromEntries(chosen) } }, now());
        if (verdict.kind === 'healthy') return { ok: true, reason: null, failure: null };
        if (verdict.kind === 'failed') {
          const { container, reason } = verdict;
          const failure = container === null ? null : failureOf(container, await runtime.lastWords(container));
          return { ok: false, reason, failure };
        }
      }
      await wait(LOOK_EVERY_MS, stopping.signal);
    }
    return null;
  }

  async function run(action: StackAction, target: DesiredStack): Promise<Outcome | null> {
    const { stack, kind } = action;
    const before = kind === 'pull' ? await seen(stack) : null;
    const why = kind === 'restart' ? 'it is restarted' : 'its images are fetched';
    const result = await loop.exclusive(stack, why, (signal) => carryOut(action, target, signal));
    if (stopping.signal.aborted) return null;
    if (!result.ok) return { ok: false, reason: result.reason, failure: null };
    if (kind === 'pull') return { ok: true, reason: await newer(stack, before), failure: null };
    return health(action, target, now());
  }

  return {
    act(action) {
      const { stack, deployment } = action;
      const document = parts.document();
      const target = wanted(stack);
      if (target === undefined) throw new OverseerError('stack-not-found', `stack ${stack} is not on this node`);
      if (document?.config.paused) throw new OverseerError('conflict', 'this node is paused: nothing is changed on it');
      if (target.state === 'stopped') throw new OverseerError('conflict', `stack ${stack} is stopped on this node`);
      const about = { stack, revision: target.revision };
      store.beginAction({ deployment, ...about });
      const done = run(action, target)
        .catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          return stopping.signal.aborted ? null : { ok: false, reason, failure: null };
        })
        // Left open: the next start of the agent tells its end.
        .then((outcome) => outcome && settle(deployment, about, outcome))
        .catch((error: unknown) => log.warn({ error, stack }, 'the outcome of an action could not be kept'))
        .finally(() => running.delete(done)) as Promise<void>;
      running.add(done);
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled(running);
    },
  };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
