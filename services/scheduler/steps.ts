// Pure: the steps of a deployment on one node, put together from what the node told, in the node's own order.
import { type DeploymentStep, leftOut, notKept } from '#subjects/schema/deployment.ts';
import type { NodeEventBody } from '#subjects/schema/node-event.ts';

export type StepTold =
  | { readonly why: string }
  | { readonly lines: readonly string[] }
  | { readonly outcome: 'ok' | 'failed'; readonly reason: string | null; readonly exitCode: number | null };

export interface StepEvent {
  readonly kind: 'started' | 'output' | 'finished';
  readonly step: string;
  readonly at: Date;
  readonly told: StepTold;
  /** Lines that were not kept. */
  readonly dropped: number;
  /** Lines that are kept and have no room here. */
  readonly leftOut: number;
}

type StepBody = Extract<NodeEventBody, { step: string }>;

export function stepTold(body: StepBody): { kind: StepEvent['kind']; told: StepTold } {
  switch (body.type) {
    case 'stack.step.started':
      return { kind: 'started', told: { why: body.why } };
    case 'stack.step.output':
      return { kind: 'output', told: { lines: body.lines } };
    case 'stack.step.finished': {
      const { outcome, reason, exitCode } = body;
      return { kind: 'finished', told: { outcome, reason, exitCode } };
    }
    default:
      return body satisfies never;
  }
}

interface Draft extends DeploymentStep {
  dropped: number;
  leftOut: number;
}

function begun(step: string, why: string, at: Date): Draft {
  const startedAt = at.toISOString();
  return {
    ...{ step, why, startedAt, finishedAt: null, outcome: null, reason: null, exitCode: null },
    output: [],
    dropped: 0,
    leftOut: 0,
  };
}

/** A step that is tried again stands once for each try. What belongs to no known try begins one: its start was lost. */
export function stepsFrom(events: readonly StepEvent[]): DeploymentStep[] {
  const drafts: Draft[] = [];
  for (const { kind, step, at, told, ...missing } of events) {
    let draft = drafts.findLast((made) => made.step === step && made.finishedAt === null);
    if (!draft || kind === 'started') {
      draft = begun(step, 'why' in told ? told.why : '', at);
      drafts.push(draft);
    }
    if ('lines' in told) draft.output.push(...told.lines);
    if ('outcome' in told) Object.assign(draft, { finishedAt: at.toISOString(), ...told });
    draft.dropped += missing.dropped;
    draft.leftOut += missing.leftOut;
  }
  return drafts.map(({ dropped, leftOut: hidden, ...step }) => {
    if (hidden > 0) return { ...step, output: [...step.output, leftOut(hidden + dropped)] };
    return dropped === 0 ? step : { ...step, output: [...step.output, notKept(dropped)] };
  });
}
