// Deployments: one revision (or the removal) of a stack on its way to its targets.
import * as z from 'zod/mini';
import { Actor, Page } from './actor.ts';
import { Id, StackName, Timestamp } from './ids.ts';
import { StackFailure } from './node-event.ts';

/** `held`, of a target: its batch has not come, or the rollout stopped before it. */
export const DeploymentState = z.enum([
  'held',
  'pending',
  'progressing',
  'succeeded',
  'failed',
  'rolled-back',
  'superseded',
]);
export type DeploymentState = z.infer<typeof DeploymentState>;

/** One change an agent made, or tried to. `why` is a sentence for operators. */
export const DeploymentStep = z.strictObject({
  step: z.string(),
  why: z.string(),
  startedAt: Timestamp,
  finishedAt: z.nullable(Timestamp),
  outcome: z.nullable(z.enum(['ok', 'failed'])),
  reason: z.nullable(z.string()),
  exitCode: z.nullable(z.int()),
  /** The tool's own output, in order. Where lines are missing, the last one says how many. */
  output: z.array(z.string()),
});
export type DeploymentStep = z.infer<typeof DeploymentStep>;

/** What the last line of an output says when lines are missing: kept nowhere, or told when the node alone is asked for. */
export const notKept = (count: number) => `(${count} more lines were not kept)`;
export const leftOut = (count: number) => `(${count} more lines are left out here; ask for this node alone)`;
export const LINES_MISSING = /^\(\d+ more lines (?:were not kept\)|are left out here;)/;

export const DeploymentTarget = z.strictObject({
  node: Id,
  nodeName: z.string(),
  state: DeploymentState,
  reason: z.nullable(z.string()),
  /** The node was not online when the deployment began; it catches up when it returns. */
  parked: z.boolean(),
  finishedAt: z.nullable(Timestamp),
  /** Of the rollout, from 1. */
  batch: z.int(),
  failure: z.nullable(StackFailure),
  steps: z.array(DeploymentStep),
});
export type DeploymentTarget = z.infer<typeof DeploymentTarget>;

export const DeploymentKind = z.enum(['apply', 'remove', 'restart', 'pull']);
export type DeploymentKind = z.infer<typeof DeploymentKind>;

export const Deployment = z.strictObject({
  id: Id,
  stack: StackName,
  kind: DeploymentKind,
  revision: z.int(),
  state: DeploymentState,
  reason: z.nullable(z.string()),
  createdAt: Timestamp,
  createdBy: z.string(),
  /** The next batch waits for an operator's word. */
  awaitsApproval: z.boolean(),
  finishedAt: z.nullable(Timestamp),
  targets: z.array(DeploymentTarget),
});
export type Deployment = z.infer<typeof Deployment>;

/** As it travels: where it is on every node. What was done there comes in pages of its own, as long as it may be. */
export const DeploymentOutline = z.extend(Deployment, {
  targets: z.array(z.omit(DeploymentTarget, { failure: true, steps: true })),
});
export type DeploymentOutline = z.infer<typeof DeploymentOutline>;
export const TargetSteps = z.pick(DeploymentTarget, { node: true, failure: true, steps: true });
export type TargetSteps = z.infer<typeof TargetSteps>;
export const StepPage = z.strictObject({ items: z.array(TargetSteps), nextCursor: z.nullable(z.string()) });
export type StepPage = z.infer<typeof StepPage>;
export const ListSteps = z.strictObject({
  id: Id,
  /** This one alone, with all that is kept of its output; otherwise each node has a share. */
  node: z.optional(Id),
  cursor: Page.cursor,
});
export type ListSteps = z.infer<typeof ListSteps>;

export const DeploymentSummary = z.omit(Deployment, { targets: true });
export const DeploymentList = z.strictObject({
  items: z.array(DeploymentSummary),
  nextCursor: z.nullable(z.string()),
});
export type DeploymentList = z.infer<typeof DeploymentList>;
export const ListDeployments = z.strictObject({ stack: z.optional(StackName), ...Page });
export type ListDeployments = z.infer<typeof ListDeployments>;
/** `continue`: the next batch may go. `cancel`: none goes any more; what has gone stays. */
export const DecideDeployment = z.strictObject({ by: Actor, id: Id, decision: z.enum(['continue', 'cancel']) });
export type DecideDeployment = z.infer<typeof DecideDeployment>;
export const ById = z.strictObject({ id: Id });
