// What followers of one deployment are sent of the event stream: its steps, its targets, its own state. Pure.
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { Deployment } from '#subjects/schema/deployment.ts';
import { NodeEventBody } from '#subjects/schema/node-event.ts';
import { isLate, type ToldStep, toldStep } from './deployment-snapshot.ts';
import type { Frame } from './sse.ts';

const STEP_EVENTS = {
  'stack.step.started': 'step-started',
  'stack.step.output': 'step-output',
  'stack.step.finished': 'step-finished',
} as const;

const nodeOf = ({ subject }: CloudEvent) => /^nodes\/(.+)$/.exec(subject)?.[1] ?? null;

export function frameOf(event: string, sequence: number, data: unknown): Frame {
  return { event, id: String(sequence), data: JSON.stringify(data) };
}

function stepFrame(event: CloudEvent, sequence: number, { node, at, body }: ToldStep): Frame {
  const { type, stack: _, revision: __, deployment: ___, ...rest } = body;
  const place = { sequence: String(sequence), node, nodesequence: event.nodesequence ?? null, at };
  return frameOf(STEP_EVENTS[type], sequence, { ...place, ...rest });
}

interface TargetNews {
  readonly node: string;
  readonly state: string;
  readonly reason: string | null;
}

function isTarget(value: unknown): value is TargetNews {
  return typeof value === 'object' && value !== null && 'node' in value && 'state' in value;
}

/** Of the deployment itself: where it is, and for which of its targets that was told. */
function newsFrame({ data, time }: CloudEvent, sequence: number): Frame {
  const { state, reason = null, target } = data;
  const place = { sequence: String(sequence), at: time };
  if (!isTarget(target)) return frameOf('state', sequence, { ...place, state, reason });
  const failure = 'failure' in target ? target.failure : null;
  const of = { node: target.node, state: target.state, reason: target.reason ?? null, failure };
  return frameOf('target', sequence, { ...place, ...of, deployment: { state, reason } });
}

export function isFinish(event: CloudEvent, deployment: string): boolean {
  return event.subject === `deployments/${deployment}` && event.type === 'dev.overseer.deployment.finished.v1';
}

export function isBeginning(event: CloudEvent, deployment: string): boolean {
  return event.subject === `deployments/${deployment}` && event.type === 'dev.overseer.deployment.created.v1';
}

/** Turns the events of one deployment into frames, in their order; null for all others. */
export function deploymentFramer(deployment: Deployment): (event: CloudEvent, sequence: number) => Frame | null {
  const { id } = deployment;
  const settled = new Set<string>();
  return (event, sequence) => {
    if (event.subject === `deployments/${id}`) {
      return event.type === 'dev.overseer.deployment.image-moved.v1' ? null : newsFrame(event, sequence);
    }
    const node = nodeOf(event);
    if (node === null || event.data['deployment'] !== id || settled.has(node)) return null;
    const step = toldStep(event, id);
    if (step) return isLate(deployment, step) ? null : stepFrame(event, sequence, step);
    const { success, data: body } = NodeEventBody.safeParse(event.data);
    if (!success || body.type !== 'stack.settled') return null;
    settled.add(node);
    const { outcome: state, reason, failure } = body;
    const place = { sequence: String(sequence), at: event.time };
    return frameOf('target', sequence, { ...place, node, state, reason, failure, deployment: null });
  };
}
