// The desired document: all that one node should run and do. Travels as state, signed; the newest generation wins.
import * as z from 'zod/mini';
import { DriftItem } from './drift.ts';
import { Generation, Hash, Id, StackName, Timestamp } from './ids.ts';
import { LogPolicy } from './log-policy.ts';
import { NodeConfig } from './node.ts';
import { Place } from './project.ts';
import { DesiredSecret } from './secret.ts';
import { DriftPolicy, Environment, Profiles, RelativePath, Scale, StackState } from './stack.ts';

export const DesiredStack = z.strictObject({
  name: StackName,
  revision: z.int(),
  deployment: z.nullable(Id),
  /** Of the specification with what its names stand for (secret versions, digests); equal hash, equal stack. */
  hash: Hash,
  compose: z.string(),
  files: z.record(RelativePath, z.string()),
  env: Environment,
  state: StackState,
  stabilitySeconds: z.int(),
  healthTimeoutSeconds: z.int(),
  profiles: Profiles,
  scale: Scale,
  drift: DriftPolicy,
  rollback: z.boolean(),
  secrets: z.array(DesiredSecret),
  /** Service -> image reference with digest, in place of what the Compose text says. */
  pins: z.record(z.string(), z.string()),
  /** Left out: as `LogPolicy` says where nothing is said. */
  logs: z.optional(LogPolicy),
  /** An adopted stack stays where it was; null: in the agent's own folder. */
  place: z.nullable(Place),
});
export type DesiredStack = z.infer<typeof DesiredStack>;

/** Absence never deletes; only this does. */
export const RemovedStack = z.strictObject({
  name: StackName,
  deployment: z.nullable(Id),
  generation: Generation,
  volumes: z.boolean(),
});
export type RemovedStack = z.infer<typeof RemovedStack>;

export const DesiredDocument = z.strictObject({
  kind: z.literal('desired'),
  version: z.literal(1),
  /** The audience: an agent refuses a document that names another node. */
  node: Id,
  /** Changes when the core's database was restored and generations may have gone back. */
  epoch: Id,
  generation: Generation,
  issuedAt: Timestamp,
  config: NodeConfig,
  stacks: z.array(DesiredStack),
  removed: z.array(RemovedStack),
});
export type DesiredDocument = z.infer<typeof DesiredDocument>;

export const DesiredPointer = z.strictObject({ epoch: Id, generation: Generation, hash: Hash });
export type DesiredPointer = z.infer<typeof DesiredPointer>;

/** The scheduler's view of a node, for `GET /api/nodes/{id}/status`. */
export const NodeDesiredStatus = z.strictObject({
  node: Id,
  desired: z.nullable(DesiredPointer),
  observedGeneration: z.nullable(Generation),
  reportedAt: z.nullable(Timestamp),
  stacks: z.array(
    z.strictObject({
      name: StackName,
      desiredRevision: z.nullable(z.int()),
      observedRevision: z.nullable(z.int()),
      phase: z.string(),
      reason: z.nullable(z.string()),
      drift: z.array(DriftItem),
      services: z.array(
        z.strictObject({
          name: z.string(),
          container: z.string(),
          image: z.string(),
          state: z.string(),
          health: z.nullable(z.string()),
          restarts: z.int(),
          startedAt: z.nullable(Timestamp),
        }),
      ),
      /** Containers that the node's report had no room to describe, by state. */
      leftOut: z.optional(z.record(z.string(), z.int())),
    }),
  ),
  conditions: z.array(z.strictObject({ type: z.string(), status: z.boolean(), reason: z.string(), since: Timestamp })),
});
export type NodeDesiredStatus = z.infer<typeof NodeDesiredStatus>;
