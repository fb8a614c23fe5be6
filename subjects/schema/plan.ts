// A plan: what a deployment would do, node by node, without doing it.
import * as z from 'zod/mini';
import { Command } from './command.ts';
import { DesiredStack } from './desired.ts';
import { Id, StackName } from './ids.ts';
import { StackSpec } from './stack.ts';

const text = z.string().check(z.maxLength(4096));

export const PlannedChange = z.strictObject({
  service: text,
  /** Name of the container; null when it is made anew. */
  container: z.nullable(text),
  change: z.enum(['create', 'recreate', 'start', 'stop', 'remove', 'keep']),
  reasons: z.array(
    z.strictObject({
      kind: z.enum(['new', 'image', 'config', 'secret', 'dependency', 'orphan', 'scale', 'state', 'drift']),
      detail: text,
    }),
  ),
});
export type PlannedChange = z.infer<typeof PlannedChange>;

export const PlannedStep = z.strictObject({ step: text, why: text });

/** The agent's answer. */
export const Preview = z.strictObject({
  kind: z.literal('preview'),
  steps: z.array(PlannedStep),
  changes: z.array(PlannedChange),
  /** Why it could not be told; null when it could. */
  fault: z.nullable(text),
});
export type Preview = z.infer<typeof Preview>;
export const PreviewCommand = z.extend(Command, { stack: DesiredStack });
export type PreviewCommand = z.infer<typeof PreviewCommand>;

export const PlannedNode = z.strictObject({
  node: Id,
  nodeName: z.string(),
  /** `parked`: it is away and gets the change when it is back. `leaves`: the stack is taken away from it. */
  state: z.enum(['planned', 'parked', 'leaves', 'failed']),
  reason: z.nullable(z.string()),
  /** Batch of the rollout it belongs to, from 1. */
  batch: z.int(),
  steps: z.array(PlannedStep),
  changes: z.array(PlannedChange),
});
export type PlannedNode = z.infer<typeof PlannedNode>;

/** Answer of `POST /api/stacks/{name}/plan`. */
export const StackPlan = z.strictObject({
  name: StackName,
  /** The one that a deployment would make, or the present one. */
  revision: z.int(),
  changed: z.boolean(),
  nodes: z.array(PlannedNode),
  warnings: z.array(z.string()),
});
export type StackPlan = z.infer<typeof StackPlan>;
/** Without a specification: what the present one would still change. */
export const PlanStack = z.strictObject({ name: StackName, spec: z.nullable(StackSpec) });
export type PlanStack = z.infer<typeof PlanStack>;
