// A deployment as its own stream tells it: one whole snapshot, then each step, line and outcome, each once. Pure.
import type { Deployment, DeploymentStep, DeploymentTarget } from '../api/shapes.ts';

/** One event of the stream. */
export interface Told {
  readonly event: string;
  readonly data: string;
}

export interface Followed {
  readonly deployment: Deployment | null;
  readonly isOver: boolean;
  /** Place of each node in its own order: what is not after it has been told. */
  readonly places: Readonly<Record<string, string>>;
}

export const NOTHING_YET: Followed = { deployment: null, isOver: false, places: {} };

/** What a page holds of one step; the core keeps less. */
const LINES_MAX = 20_000;

type Body = Readonly<Record<string, unknown>>;
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function bodyOf(data: string): Body | null {
  try {
    const body: unknown = JSON.parse(data);
    return typeof body === 'object' && body !== null ? (body as Body) : null;
  } catch {
    return null;
  }
}

/** `<epoch>:<sequence>`; another epoch is another order. */
export function isAfter(place: string, held: string | undefined): boolean {
  if (held === undefined) return true;
  const [epoch, sequence] = place.split(':');
  const [heldEpoch, heldSequence] = held.split(':');
  return epoch !== heldEpoch || Number(sequence) > Number(heldSequence);
}

function begun(body: Body, at: string): DeploymentStep {
  return {
    step: text(body['step']) ?? '',
    why: text(body['why']) ?? '',
    startedAt: at,
    finishedAt: null,
    outcome: null,
    reason: null,
    exitCode: null,
    output: [],
  };
}

function withLines(step: DeploymentStep, lines: unknown): DeploymentStep {
  const fresh = Array.isArray(lines) ? lines.filter((line): line is string => typeof line === 'string') : [];
  return { ...step, output: [...step.output, ...fresh].slice(-LINES_MAX) };
}

function finished(step: DeploymentStep, body: Body, at: string): DeploymentStep {
  const exitCode = body['exitCode'];
  return {
    ...step,
    finishedAt: at,
    outcome: body['outcome'] === 'failed' ? 'failed' : 'ok',
    reason: text(body['reason']),
    exitCode: typeof exitCode === 'number' ? exitCode : null,
  };
}

/** Steps of a node run one after the other; output belongs to the newest of its name. */
export function withStep(steps: readonly DeploymentStep[], event: string, body: Body): DeploymentStep[] {
  const at = text(body['at']) ?? '';
  const index = steps.findLastIndex((each) => each.step === body['step'] && each.finishedAt === null);
  if (event === 'step-started') return [...steps, begun(body, at)];
  const own = steps[index] ?? begun(body, at);
  const changed = event === 'step-output' ? withLines(own, body['lines']) : finished(own, body, at);
  return index < 0 ? [...steps, changed] : steps.with(index, changed);
}

function withOutcome(target: DeploymentTarget, body: Body): DeploymentTarget {
  const state = (text(body['state']) ?? target.state) as DeploymentTarget['state'];
  const failure = (body['failure'] ?? target.failure) as DeploymentTarget['failure'];
  const isSettled = !['held', 'pending', 'progressing'].includes(state);
  return {
    ...target,
    state,
    reason: text(body['reason']) ?? target.reason,
    failure,
    finishedAt: isSettled ? (target.finishedAt ?? text(body['at'])) : target.finishedAt,
  };
}

function withState(deployment: Deployment, body: unknown): Deployment {
  if (typeof body !== 'object' || body === null) return deployment;
  const { state, reason } = body as Body;
  return {
    ...deployment,
    state: (text(state) ?? deployment.state) as Deployment['state'],
    // What it waited for has come: then there is no reason any more.
    reason: reason === null ? null : (text(reason) ?? deployment.reason),
  };
}

function told(held: Followed, { event, data }: Told): Followed {
  const body = bodyOf(data);
  if (event === 'end') return { ...held, isOver: true };
  if (body === null) return held;
  if (event === 'deployment') return { ...held, deployment: body as unknown as Deployment, places: {} };
  const { deployment } = held;
  if (deployment === null) return held;
  if (event === 'state') return { ...held, deployment: withState(deployment, body) };
  const node = text(body['node']);
  const place = text(body['nodesequence']);
  if (node === null || (place !== null && !isAfter(place, held.places[node]))) return held;
  const change = (target: DeploymentTarget): DeploymentTarget => {
    if (target.node !== node) return target;
    if (event === 'target') return withOutcome(target, body);
    if (!event.startsWith('step-')) return target;
    const state = target.state === 'pending' ? 'progressing' : target.state;
    return { ...target, state, steps: withStep(target.steps, event, body) };
  };
  const changed = { ...deployment, targets: deployment.targets.map(change) };
  return {
    ...held,
    deployment: event === 'target' ? withState(changed, body['deployment']) : changed,
    places: place === null ? held.places : { ...held.places, [node]: place },
  };
}

export function followed(held: Followed, news: readonly Told[]): Followed {
  return news.reduce(told, held);
}

const size = (steps: readonly DeploymentStep[]): number =>
  steps.reduce((sum, step) => sum + step.output.length + (step.finishedAt === null ? 1 : 2), 0);

/** The stream is ahead in what was done; the answer to a question says more of batches and approvals. */
export function joined(live: Deployment | null, answer: Deployment | undefined): Deployment | undefined {
  if (live === null || answer === undefined || live.finishedAt !== null) return live ?? answer;
  const byNode = new Map(live.targets.map((target) => [target.node, target]));
  const targets = answer.targets.map((target): DeploymentTarget => {
    const own = byNode.get(target.node);
    if (own === undefined) return target;
    const isAhead = own.finishedAt !== null && target.finishedAt === null;
    const isUnderWay = own.state === 'progressing' && target.state === 'pending';
    const further = isAhead || isUnderWay ? own : target;
    const steps = size(own.steps) >= size(target.steps) ? own.steps : target.steps;
    return { ...further, parked: target.parked, batch: target.batch, steps };
  });
  return { ...answer, targets };
}
