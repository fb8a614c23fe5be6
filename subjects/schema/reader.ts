// Readers: third parties that receive events or audit records on the bus with a credential of their own.
import * as z from 'zod/mini';
import { Actor } from './actor.ts';
import { DEPLOYMENT_FACTS, NODE_FACTS } from './cloud-event.ts';
import { Id, NodeKey, Timestamp } from './ids.ts';

/** On the bus the reader is `r-<name>`: its user, its durable, its inbox. */
export const ReaderName = z
  .string()
  .check(z.regex(/^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$/, 'must match [a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?'));
export const ReaderRole = z.enum(['events', 'audit']);
export type ReaderRole = z.infer<typeof ReaderRole>;

/** A domain, or one fact of it. */
export const READER_KINDS = [
  'node',
  'deployment',
  ...NODE_FACTS.map((fact) => `node.${fact}` as const),
  ...DEPLOYMENT_FACTS.map((fact) => `deployment.${fact}` as const),
] as const;

/** What a reader of events is owed. Both must hold; left out: all. With `nodes` it gets facts of nodes alone. */
export const ReaderFilters = z.strictObject({
  nodes: z.optional(z.array(Id).check(z.minLength(1), z.maxLength(50))),
  kinds: z.optional(z.array(z.enum(READER_KINDS)).check(z.minLength(1), z.maxLength(READER_KINDS.length))),
});
export type ReaderFilters = z.infer<typeof ReaderFilters>;

/** Longer ones are a key under a doormat: claims keep the revocations of this long. */
export const READER_DAYS_MAX = 730;

export const ReaderSpec = z.strictObject({
  name: ReaderName,
  role: ReaderRole,
  filters: z.optional(ReaderFilters),
  /** Life of the credential; 365 unless said. */
  days: z.optional(z.int().check(z.minimum(1), z.maximum(READER_DAYS_MAX))),
  /** Of a user NKey that the reader made; its seed stays there. */
  publicKey: NodeKey,
});
export type ReaderSpec = z.infer<typeof ReaderSpec>;
export const CreateReader = z.strictObject({ by: Actor, spec: ReaderSpec });
export const RemoveReader = z.strictObject({ by: Actor, name: ReaderName });

export const Reader = z.strictObject({
  name: ReaderName,
  role: ReaderRole,
  /** Its name on the bus, which is also that of its durable; its inboxes begin with `_INBOX.<user>`. */
  user: z.string(),
  stream: z.enum(['EVENTS', 'AUDIT']),
  /** Subjects it is owed. */
  subjects: z.array(z.string()),
  publicKey: NodeKey,
  createdAt: Timestamp,
  createdBy: z.string(),
  expiresAt: Timestamp,
  /** `removing`: its credential is void in the database, and the server has not confirmed it yet. */
  state: z.enum(['valid', 'expired', 'removing']),
});
export type Reader = z.infer<typeof Reader>;
export const ReaderList = z.strictObject({ items: z.array(Reader) });
export type ReaderList = z.infer<typeof ReaderList>;

/** The JWT is no secret: it is worthless without the seed. */
export const IssuedReader = z.extend(Reader, { jwt: z.string() });
export type IssuedReader = z.infer<typeof IssuedReader>;
