// A node's whole observed state. The newest replaces the last; a report is never a delta.
import * as z from 'zod/mini';
import { DriftItem } from './drift.ts';
import { Generation, Hash, Id, StackName, Timestamp } from './ids.ts';
import { Facts } from './node.ts';

const text = z.string().check(z.maxLength(4096));

export const ObservedService = z.strictObject({
  name: text,
  container: text,
  image: text,
  state: z.enum(['created', 'running', 'restarting', 'paused', 'exited', 'dead', 'removing', 'missing']),
  health: z.nullable(z.enum(['starting', 'healthy', 'unhealthy'])),
  exitCode: z.nullable(z.int()),
  restarts: z.int(),
  startedAt: z.nullable(Timestamp),
});
export type ObservedService = z.infer<typeof ObservedService>;

export const ObservedStack = z.strictObject({
  name: StackName,
  /** Of the revision last applied; null when nothing was. */
  revision: z.nullable(z.int()),
  deployment: z.nullable(Id),
  hash: z.nullable(Hash),
  phase: z.enum([
    'pending',
    'applying',
    'running',
    'degraded',
    'failed',
    'stopped',
    'removing',
    'removed',
    'rolled-back',
  ]),
  reason: z.nullable(text),
  services: z.array(ObservedService),
  /** Containers that the report had no room to describe, by state. */
  leftOut: z.optional(z.record(z.string(), z.int())),
  drift: z.array(DriftItem),
  /** The outcome that its newest deployment got; also told as an event. */
  settled: z.nullable(
    z.strictObject({
      deployment: Id,
      outcome: z.enum(['succeeded', 'failed', 'rolled-back']),
      reason: z.nullable(text),
    }),
  ),
});
export type ObservedStack = z.infer<typeof ObservedStack>;

export const Condition = z.strictObject({
  type: z.enum([
    'docker-unresponsive',
    'document-rejected',
    'clock-skew',
    'spool-full',
    'state-unwritable',
    'logs-behind',
    'logs-unwritable',
    'report-reduced',
    'audit-conflict',
    'paused',
  ]),
  status: z.boolean(),
  reason: text,
  since: Timestamp,
});
export type Condition = z.infer<typeof Condition>;

export const Report = z.strictObject({
  kind: z.literal('report'),
  bootId: Id,
  agentVersion: text,
  at: Timestamp,
  /** The document the agent holds; null before the first. */
  document: z.nullable(z.strictObject({ epoch: Id, generation: Generation, hash: Hash })),
  /** Generation on which the node last converged. */
  observedGeneration: Generation,
  stacks: z.array(ObservedStack),
  /** Compose projects found on the engine that no document names. */
  unmanaged: z.array(text),
  conditions: z.array(Condition),
  facts: Facts,
});
export type Report = z.infer<typeof Report>;
