// Facts that happened on a node. Kept in the agent's spool until acknowledged; (epoch, sequence) makes each count once.
import * as z from 'zod/mini';
import { DriftItem } from './drift.ts';
import { Generation, Id, StackName, Timestamp } from './ids.ts';

const text = z.string().check(z.maxLength(8192));
/** What is known of the container that made a deployment fail. */
export const StackFailure = z.strictObject({
  service: text,
  container: text,
  exitCode: z.nullable(z.int()),
  /** The last lines of its log. */
  lines: z.array(text).check(z.maxLength(50)),
});
export type StackFailure = z.infer<typeof StackFailure>;
const about = { stack: StackName, revision: z.nullable(z.int()), deployment: z.nullable(Id) };

export const NodeEventBody = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('agent.started'), version: text }),
  z.strictObject({ type: z.literal('document.rejected'), reason: text, generation: z.nullable(Generation) }),
  /** A checkpoint of the audit contradicts what this node holds. */
  z.strictObject({ type: z.literal('checkpoint.refused'), number: z.int(), reason: text }),
  z.strictObject({ type: z.literal('stack.step.started'), ...about, step: text, why: text }),
  z.strictObject({
    type: z.literal('stack.step.output'),
    ...about,
    step: text,
    lines: z.array(text).check(z.maxLength(500)),
  }),
  z.strictObject({
    type: z.literal('stack.step.finished'),
    ...about,
    step: text,
    outcome: z.enum(['ok', 'failed']),
    reason: z.nullable(text),
    exitCode: z.nullable(z.int()),
    durationMs: z.int(),
  }),
  /** The one outcome of a deployment on this node. */
  z.strictObject({
    type: z.literal('stack.settled'),
    ...about,
    /** `rolled-back`: it failed for the reason, and the last good revision runs again. */
    outcome: z.enum(['succeeded', 'failed', 'rolled-back']),
    reason: z.nullable(text),
    failure: z.nullable(StackFailure),
  }),
  z.strictObject({ type: z.literal('stack.drifted'), stack: StackName, items: z.array(DriftItem) }),
  /** Hand-made changes were undone. */
  z.strictObject({ type: z.literal('stack.corrected'), stack: StackName, items: z.array(DriftItem) }),
  /** Secrets were opened on the node because a stack needs them. Names and versions, never values. */
  z.strictObject({
    type: z.literal('secrets.opened'),
    stack: StackName,
    secrets: z.array(z.strictObject({ name: text, version: z.int() })),
  }),
  z.strictObject({ type: z.literal('images.pruned'), count: z.int(), bytes: z.int(), reason: z.nullable(text) }),
  z.strictObject({
    type: z.literal('container.changed'),
    stack: StackName,
    service: text,
    container: text,
    action: z.enum(['started', 'died', 'oom', 'healthy', 'unhealthy', 'removed']),
    exitCode: z.nullable(z.int()),
  }),
  z.strictObject({ type: z.literal('events.lost'), from: z.int(), to: z.int(), reason: text }),
]);
export type NodeEventBody = z.infer<typeof NodeEventBody>;

export const NodeEvent = z.strictObject({
  kind: z.literal('event'),
  at: Timestamp,
  bootId: Id,
  body: NodeEventBody,
});
export type NodeEvent = z.infer<typeof NodeEvent>;
