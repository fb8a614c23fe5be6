// Notifications: where messages about chosen conditions go, when they are worth one, and what became of each.
import * as z from 'zod/mini';
import { Actor, Page } from './actor.ts';
import { Id, StackName, Timestamp } from './ids.ts';

export const NotificationName = z
  .string()
  .check(z.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must match [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'));

export const NotificationKind = z.enum(['webhook', 'ntfy', 'slack', 'discord', 'gotify']);
export type NotificationKind = z.infer<typeof NotificationKind>;
export const Severity = z.enum(['info', 'warning', 'error']);
export type Severity = z.infer<typeof Severity>;

export const CONDITIONS = [
  'node-registered',
  'node-offline',
  'deployment-failed',
  'deployment-succeeded',
  'stack-unhealthy',
  'stack-drifted',
  'container-restarting',
  'document-rejected',
  'events-lost',
  'logs-lost',
  'audit-contradicted',
] as const;
export type Condition = (typeof CONDITIONS)[number];

/** All that are given must hold. */
export const NotificationChoice = z.strictObject({
  conditions: z.optional(z.array(z.enum(CONDITIONS)).check(z.minLength(1), z.maxLength(CONDITIONS.length))),
  nodes: z.optional(z.array(Id).check(z.minLength(1), z.maxLength(200))),
  stacks: z.optional(z.array(StackName).check(z.minLength(1), z.maxLength(200))),
  /** `warning` unless said. */
  minimumSeverity: z.optional(Severity),
});
export type NotificationChoice = z.infer<typeof NotificationChoice>;

const seconds = (minimum: number) => z.optional(z.int().check(z.minimum(minimum), z.maximum(86_400)));
const often = z.optional(
  z.strictObject({
    count: z.int().check(z.minimum(2), z.maximum(1000)),
    withinSeconds: z.int().check(z.minimum(10), z.maximum(86_400)),
  }),
);

export const NotificationThresholds = z.strictObject({
  /** How long a node must be offline; 90. */
  offlineSeconds: seconds(0),
  /** How long a service must be unhealthy; 60. */
  unhealthySeconds: seconds(0),
  /** Deaths of a service's containers from which on it counts as restarting; 5 within 600 s. */
  restarts: often,
  /** Turns for the worse from which on something flaps; 4 within 600 s. */
  flaps: often,
  /** What flapped or restarted must rest for this long to be told as steady; 600. */
  steadySeconds: seconds(10),
  /** The same alert comes no sooner again; 600. */
  quietSeconds: seconds(0),
});
export type NotificationThresholds = z.infer<typeof NotificationThresholds>;

const url = z.string().check(
  z.maxLength(2000),
  z.refine((text) => /^https?:\/\/[^\s/?#]+(\/\S*)?$/i.test(text) && URL.canParse(text), 'must be a http or https URL'),
);
const printable = z.string().check(z.maxLength(500), z.regex(/^[\x21-\x7e]*$/, 'must be printable ASCII'));

/** Body of `PUT /api/notifications/{name}`. Of one that is there, `url` and `secret` stay when they are left out. */
export const NotificationSpec = z.strictObject({
  kind: NotificationKind,
  /** webhook, slack, discord: where to post. ntfy: with the topic. gotify: of the server. Never shown again. */
  url: z.optional(url),
  /** webhook: signs; made here when there is none. ntfy, gotify: the access token. */
  secret: z.optional(printable.check(z.minLength(8))),
  choice: z.optional(NotificationChoice),
  thresholds: z.optional(NotificationThresholds),
});
export type NotificationSpec = z.infer<typeof NotificationSpec>;
export const PutNotification = z.strictObject({ by: Actor, name: NotificationName, spec: NotificationSpec });
export type PutNotification = z.infer<typeof PutNotification>;

export const Notification = z.strictObject({
  name: NotificationName,
  kind: NotificationKind,
  /** Scheme and host of the URL; what follows is often a secret. */
  address: z.string(),
  hasSecret: z.boolean(),
  choice: NotificationChoice,
  thresholds: NotificationThresholds,
  createdAt: Timestamp,
  updatedAt: Timestamp,
  updatedBy: z.string(),
  /** Messages that are owed, and those that were given up. */
  pending: z.int(),
  dead: z.int(),
  lastDeliveredAt: z.nullable(Timestamp),
  /** Of the newest try that failed, when none has succeeded since. */
  lastError: z.nullable(z.string()),
});
export type Notification = z.infer<typeof Notification>;
export const NotificationList = z.strictObject({ items: z.array(Notification) });
export const NotificationAnswer = z.extend(Notification, {
  /** Made here just now; it is never shown again. */
  secret: z.nullable(z.string()),
});
export type NotificationAnswer = z.infer<typeof NotificationAnswer>;

export const ByNotification = z.strictObject({ name: NotificationName });
export const ChangeNotification = z.strictObject({ by: Actor, name: NotificationName });

export const NotificationTest = z.strictObject({
  delivered: z.boolean(),
  /** HTTP status; null when there was no answer. */
  status: z.nullable(z.int()),
  error: z.nullable(z.string()),
});
export type NotificationTest = z.infer<typeof NotificationTest>;

export const NotificationDelivery = z.strictObject({
  /** As in `Overseer-Delivery`; stays the same at each try. */
  id: Id,
  notification: NotificationName,
  condition: z.string(),
  severity: Severity,
  title: z.string(),
  text: z.string(),
  state: z.enum(['pending', 'delivered', 'dead']),
  createdAt: Timestamp,
  attempts: z.int(),
  lastStatus: z.nullable(z.int()),
  lastError: z.nullable(z.string()),
  nextTryAt: z.nullable(Timestamp),
  deliveredAt: z.nullable(Timestamp),
});
export type NotificationDelivery = z.infer<typeof NotificationDelivery>;
export const NotificationDeliveries = z.strictObject({
  items: z.array(NotificationDelivery),
  nextCursor: z.nullable(z.string()),
});
export type NotificationDeliveries = z.infer<typeof NotificationDeliveries>;
export const ListDeliveries = z.strictObject({
  name: NotificationName,
  state: z.optional(z.enum(['pending', 'delivered', 'dead'])),
  ...Page,
});
export type ListDeliveries = z.infer<typeof ListDeliveries>;
export const RetryDelivery = z.strictObject({ by: Actor, name: NotificationName, id: Id });
