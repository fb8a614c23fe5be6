// What the gateway answers beyond the contract's own shapes: joined views and the parameters of its addresses.
import * as z from 'zod/mini';
import { ActionBody, PruneImages, StackAction } from '#subjects/schema/action.ts';
import { CloudEvent } from '#subjects/schema/cloud-event.ts';
import { NodeDesiredStatus } from '#subjects/schema/desired.ts';
import { Id, NodeName, StackName, Timestamp } from '#subjects/schema/ids.ts';
import { Facts, IssuedEnrollmentToken, Liveness } from '#subjects/schema/node.ts';
import { SecretName } from '#subjects/schema/secret.ts';
import { WebhookSecret } from '#subjects/schema/source.ts';
import { RollbackBody, StackSpec } from '#subjects/schema/stack.ts';

export const IdParams = z.strictObject({ id: Id });
export const NameParams = z.strictObject({ name: StackName });
export const SecretParams = z.strictObject({ name: SecretName });
export const ActionParams = z.strictObject({ name: StackName, action: StackAction });
export const ProjectParams = z.strictObject({ id: Id, name: StackName });
/** Parameters of an address arrive as text. */
export const RevisionParams = z.strictObject({
  name: StackName,
  revision: z.coerce.number().check(z.multipleOf(1), z.minimum(1), z.maximum(2_147_483_647)),
});

/** What must hold of a stack until it is put; a revision as its GET gave it in `ETag`. */
export const PutStackConditions = z.looseObject({
  'if-match': z.optional(z.string().check(z.regex(/^"[1-9]\d{0,8}"$/, 'must be a revision in quotes, as "4"'))),
  'if-none-match': z.optional(z.literal('*')),
});

export const OptionalSpec = z.optional(StackSpec);
export const OptionalRollbackBody = z.optional(RollbackBody);
export const OptionalActionBody = z.optional(ActionBody);
export const OptionalPruneBody = z.optional(z.strictObject({ images: z.optional(PruneImages) }));

/** Numbers of a query arrive as text. */
export const Limit = z.optional(z.coerce.number().check(z.multipleOf(1), z.minimum(1), z.maximum(1000)));
export const Cursor = z.optional(z.string().check(z.minLength(1), z.maxLength(256)));
export const PageQuery = z.strictObject({ limit: Limit, cursor: Cursor });
export const StackQuery = z.strictObject({ node: z.optional(Id), limit: Limit, cursor: Cursor });
export const DeploymentQuery = z.strictObject({ stack: z.optional(StackName), limit: Limit, cursor: Cursor });
export const DeploymentPartQuery = z.strictObject({ node: z.optional(Id) });
export const RemoveStackQuery = z.strictObject({ volumes: z.optional(z.enum(['true', 'false'])) });
export const EventQuery = z.strictObject({
  node: z.optional(Id),
  stack: z.optional(StackName),
  deployment: z.optional(Id),
  type: z.optional(
    z
      .string()
      .check(z.maxLength(1000), z.regex(/^[a-z0-9.-]+(,[a-z0-9.-]+)*$/, 'must be types of events, parted by commas')),
  ),
  limit: Limit,
  cursor: z.optional(z.string().check(z.regex(/^[1-9]\d{0,14}$/, 'must be the sequence of an event'))),
});

export const EnrollmentTokenAnswer = z.extend(IssuedEnrollmentToken, {
  /** To paste in a checkout on the new node. */
  command: z.string(),
});

/** What a forge is given. */
export const Webhook = z.extend(WebhookSecret, { url: z.string() });

/** What is desired of a node beside what it said. */
export const NodeStatus = z.extend(NodeDesiredStatus, {
  name: NodeName,
  liveness: Liveness,
  lastSeenAt: z.nullable(Timestamp),
  heartbeatAgeSeconds: z.nullable(z.number()),
  /** The machine's size. */
  resources: z.nullable(Facts),
});

/** A CloudEvent with its place in the stream, which resumes it. */
export const StoredEvent = z.extend(CloudEvent, { sequence: z.string() });
export const EventList = z.strictObject({ items: z.array(StoredEvent), nextCursor: z.nullable(z.string()) });

const count = z.int().check(z.minimum(0));

export const Summary = z.strictObject({
  nodes: z.strictObject({ total: count, pending: count, online: count, suspect: count, offline: count }),
  stacks: z.strictObject({ total: count, running: count, stopped: count, failed: count }),
});

export const CoreStatus = z.strictObject({
  version: z.string(),
  ready: z.boolean(),
  services: z.array(
    z.strictObject({
      service: z.string(),
      state: z.enum(['up', 'down']),
      version: z.nullable(z.string()),
      startedAt: z.nullable(z.string()),
      counts: z.record(z.string(), z.number()),
      faults: z.optional(z.record(z.string(), z.string())),
    }),
  ),
});

export const SessionRequest = z.strictObject({ token: z.string().check(z.minLength(1), z.maxLength(512)) });
export const Session = z.strictObject({ actor: z.string(), version: z.string() });
export const Done = z.strictObject({});

export const Readiness = z.strictObject({ ready: z.boolean(), checks: z.record(z.string(), z.boolean()) });

export const ProblemDocument = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  instance: z.string(),
  traceId: z.string(),
  retry: z.string(),
  issues: z.optional(z.array(z.strictObject({ path: z.string(), message: z.string() }))),
});
