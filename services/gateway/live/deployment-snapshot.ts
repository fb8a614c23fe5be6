// A deployment as it stands at one place of the event stream. The scheduler may be a moment behind the stream: what it has
// not put down yet is added from the events, each once. Pure.
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import {
  type Deployment,
  type DeploymentStep,
  type DeploymentTarget,
  LINES_MISSING,
} from '#subjects/schema/deployment.ts';
import { NodeEventBody } from '#subjects/schema/node-event.ts';

type StepBody = Extract<NodeEventBody, { step: string }>;

export interface ToldStep {
  readonly node: string;
  readonly at: string;
  readonly body: StepBody;
}

/** Null when the event is no step of this deployment. */
export function toldStep(event: CloudEvent, deployment: string): ToldStep | null {
  if (event.data['deployment'] !== deployment || event.data['step'] === undefined) return null;
  const [, node] = /^nodes\/(.+)$/.exec(event.subject) ?? [];
  const { success, data: body } = NodeEventBody.safeParse(event.data);
  return success && node !== undefined && 'step' in body ? { node, at: event.time, body } : null;
}

/** As the scheduler sees it: what a node did after its outcome belongs to no deployment any more. */
export function isLate({ targets }: Pick<Deployment, 'targets'>, { node, at }: ToldStep): boolean {
  const finishedAt = targets.find((target) => target.node === node)?.finishedAt ?? null;
  return finishedAt !== null && Date.parse(at) > Date.parse(finishedAt);
}

/** How many lines at the beginning of `told` stand at the end of `known` already. */
function overlap(known: readonly string[], told: readonly string[]): number {
  for (let size = Math.min(known.length, told.length); size > 0; size -= 1) {
    const from = known.length - size;
    if (told.slice(0, size).every((line, index) => known[from + index] === line)) return size;
  }
  return 0;
}

const sameTime = (a: string | null, b: string) => a !== null && Date.parse(a) === Date.parse(b);

/** The lines of one step are gathered first: only together they show where the known ones end. */
interface Gathering {
  readonly index: number;
  readonly lines: string[];
}

function begun({ at, body }: ToldStep): DeploymentStep {
  const why = body.type === 'stack.step.started' ? body.why : '';
  const open = { finishedAt: null, outcome: null, reason: null, exitCode: null };
  return { step: body.step, why, startedAt: at, ...open, output: [] };
}

function withTold(known: readonly DeploymentStep[], told: readonly ToldStep[]): DeploymentStep[] {
  const steps = [...known];
  const gathered: Gathering[] = [];
  /** The step that is under way where the events stand, by its name. */
  const current = new Map<string, number>();
  const place = (one: ToldStep): number => {
    const { step } = one.body;
    const isIt = (made: DeploymentStep) => made.step === step && Date.parse(made.startedAt) <= Date.parse(one.at);
    const found = current.get(step) ?? steps.findLastIndex(isIt);
    const index = found >= 0 ? found : steps.push(begun(one)) - 1;
    current.set(step, index);
    return index;
  };
  for (const one of told) {
    const { at, body } = one;
    if (body.type === 'stack.step.started') {
      const found = steps.findIndex((made) => made.step === body.step && sameTime(made.startedAt, at));
      current.set(body.step, found >= 0 ? found : steps.push(begun(one)) - 1);
    } else if (body.type === 'stack.step.output') {
      const index = place(one);
      const open = gathered.find((gathering) => gathering.index === index);
      if (open) open.lines.push(...body.lines);
      else gathered.push({ index, lines: [...body.lines] });
    } else {
      const index = place(one);
      const made = steps[index];
      const { outcome, reason, exitCode } = body;
      if (made && made.finishedAt === null) steps[index] = { ...made, finishedAt: at, outcome, reason, exitCode };
      current.delete(body.step);
    }
  }
  for (const { index, lines } of gathered) {
    const made = steps[index];
    if (!made || LINES_MISSING.test(made.output.at(-1) ?? '')) continue;
    steps[index] = { ...made, output: [...made.output, ...lines.slice(overlap(made.output, lines))] };
  }
  return steps;
}

/** `told`: the newest events up to the place, in the stream's order. */
export function completed(deployment: Deployment, told: readonly ToldStep[]): Deployment {
  const timely = Map.groupBy(
    told.filter((one) => !isLate(deployment, one)),
    ({ node }) => node,
  );
  const targets = deployment.targets.map(
    (target): DeploymentTarget => ({ ...target, steps: withTold(target.steps, timely.get(target.node) ?? []) }),
  );
  return { ...deployment, targets };
}
