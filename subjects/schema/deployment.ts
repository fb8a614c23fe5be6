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
  /** The tool's own output, in order. */
  output: z.array(z.string()),
});
export type DeploymentStep = z.infer<typeof DeploymentStep>;

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
