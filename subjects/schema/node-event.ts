// Facts that happened on a node. Kept in the agent's spool until acknowledged; (epoch, sequence) makes each count once.
import * as z from 'zod/mini';
import { Generation, Id, StackName, Timestamp } from './ids.ts';

const text = z.string().check(z.maxLength(8192));
const about = { stack: StackName, revision: z.nullable(z.int()), deployment: z.nullable(Id) };

export const NodeEventBody = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('agent.started'), version: text }),
  z.strictObject({ type: z.literal('document.rejected'), reason: text, generation: z.nullable(Generation) }),
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
    outcome: z.enum(['succeeded', 'failed']),
    reason: z.nullable(text),
  }),
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
