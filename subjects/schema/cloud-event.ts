// Facts as the core publishes them: CloudEvents 1.0, structured JSON, kept seven days in EVENTS.
import * as z from 'zod/mini';
import { Id, StackName, Timestamp } from './ids.ts';

export const NODE_FACTS = [
  'registered',
  'updated',
  'removed',
  'online',
  'suspect',
  'offline',
  'credential-renewed',
  'agent-started',
  'document-rejected',
  'step-started',
  'step-output',
  'step-finished',
  'stack-settled',
  'container-changed',
  'events-lost',
  'stack-drifted',
  'stack-corrected',
  'secrets-opened',
  'images-pruned',
  'checkpoint-refused',
] as const;
export const DEPLOYMENT_FACTS = ['created', 'progressed', 'finished', 'image-moved'] as const;

export type NodeFact = (typeof NODE_FACTS)[number];
export type DeploymentFact = (typeof DEPLOYMENT_FACTS)[number];

/** `data` depends on `type`: for facts that a node told it is the node's event body. */
export const CloudEvent = z.strictObject({
  specversion: z.literal('1.0'),
  id: Id,
  /** `dev.overseer.<domain>.<fact>.v1` */
  type: z.string().check(z.regex(/^dev\.overseer\.(node|deployment)\.[a-z-]+\.v1$/)),
  source: z.string(),
  /** `nodes/<id>` or `deployments/<id>`. */
  subject: z.string(),
  time: Timestamp,
  datacontenttype: z.literal('application/json'),
  /** Place in the node's own order, for facts that a node told. */
  nodesequence: z.optional(z.string()),
  /** Of the call that it comes from: audit records of it name the same. */
  requestid: z.optional(Id),
  /** Of facts about one stack, whoever told them. Names of extensions are lower-case letters and digits. */
  stack: z.optional(StackName),
  data: z.record(z.string(), z.unknown()),
});
export type CloudEvent = z.infer<typeof CloudEvent>;
