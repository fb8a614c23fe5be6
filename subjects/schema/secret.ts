// Secrets: sealed by age before anything is stored. Nothing here ever carries a plaintext but the body of the one call that
// sets it.
import * as z from 'zod/mini';
import { SECRET_MAX_BYTES } from '../limits.ts';
import { Actor, Page } from './actor.ts';
import { Hash, Id, StackName, Timestamp } from './ids.ts';

export const SecretName = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, 'must match [A-Za-z0-9][A-Za-z0-9_.-]{0,62}'));
/** Base64 of an age file. */
export const Sealed = z.base64().check(z.maxLength(4 * SECRET_MAX_BYTES));
export const AgeRecipient = z.string().check(z.regex(/^age1[a-z0-9]{20,100}$/, 'must be an age recipient'));

/** `managed`: the scheduler's vault identity is one more recipient. `strict`: no key of the core opens anything. */
export const SecretMode = z.enum(['managed', 'strict']);
export type SecretMode = z.infer<typeof SecretMode>;

/**
 * What is inside an age file for a node. age has no associated data: the agent compares every field with the signed
 * document. `value` is base64.
 */
export const SecretEnvelope = z.strictObject({
  v: z.literal(1),
  secret: SecretName,
  version: z.int(),
  node: Id,
  stack: StackName,
  value: z.base64(),
});
export type SecretEnvelope = z.infer<typeof SecretEnvelope>;

/** One secret of a stack in a node's desired document. */
export const DesiredSecret = z.strictObject({
  /** As the Compose text calls it, and the name of its file. */
  name: SecretName,
  secret: SecretName,
  version: z.int(),
  /** Services that get it; null: those whose Compose `secrets` name it. */
  services: z.nullable(z.array(z.string())),
  /** Name of an environment variable that carries it as well: readable by `docker inspect` and on disk. */
  environment: z.nullable(z.string()),
  /** To the node's own age recipient. Null: nobody could seal it for this node yet (mode `strict`). */
  sealed: z.nullable(Sealed),
  /** SHA-256 of the age file's bytes; null with `sealed`. */
  digest: z.nullable(Hash),
});
export type DesiredSecret = z.infer<typeof DesiredSecret>;

/** Body of `PUT /api/secrets/{name}`. Text, or any bytes as base64. */
export const SecretBody = z
  .strictObject({
    value: z.optional(z.string().check(z.minLength(1), z.maxLength(SECRET_MAX_BYTES))),
    base64: z.optional(z.base64().check(z.minLength(1), z.maxLength(2 * SECRET_MAX_BYTES))),
    description: z.optional(z.string().check(z.maxLength(500))),
  })
  .check(z.refine((body) => (body.value === undefined) !== (body.base64 === undefined), 'needs value or base64'));

/** Where one secret is used and whether every node that needs it can open it. */
export const Secret = z.strictObject({
  name: SecretName,
  version: z.int(),
  description: z.nullable(z.string()),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  updatedBy: z.string(),
  stacks: z.array(StackName),
  /** Nodes that need it and for which nobody has sealed it. */
  waiting: z.array(Id),
});
export type Secret = z.infer<typeof Secret>;
export const SecretList = z.strictObject({
  items: z.array(Secret),
  nextCursor: z.nullable(z.string()),
  mode: SecretMode,
  /** Null: none is set, secrets can't be recovered without the core. */
  recoveryRecipient: z.nullable(AgeRecipient),
});
export type SecretList = z.infer<typeof SecretList>;

export const GetSecretRecipients = z.strictObject({ name: SecretName, cursor: Page.cursor });
export type GetSecretRecipients = z.infer<typeof GetSecretRecipients>;
/** Whom the gateway seals a new value to. */
export const SecretRecipients = z.strictObject({
  mode: SecretMode,
  /** Vault (mode `managed`) and recovery: one age file for all of them. */
  core: z.array(AgeRecipient),
  /** The version that the value will be. */
  version: z.int(),
  /** Mode `strict`: an envelope for each. */
  nodes: z.array(z.strictObject({ node: Id, stack: StackName, recipient: AgeRecipient })),
  nextCursor: z.nullable(z.string()),
});
export type SecretRecipients = z.infer<typeof SecretRecipients>;

export const SealedForNode = z.strictObject({ node: Id, stack: StackName, sealed: Sealed });
export const PutSecret = z.strictObject({
  by: Actor,
  name: SecretName,
  version: z.int(),
  description: z.nullable(z.string()),
  /** Of the bare value. */
  sealed: Sealed,
  nodes: z.array(SealedForNode),
  /** Further nodes follow by `rewrapSecret`, and the last of those deploys. */
  more: z.optional(z.boolean()),
});
export type PutSecret = z.infer<typeof PutSecret>;
export const PutSecretAnswer = z.strictObject({
  name: SecretName,
  version: z.int(),
  /** Of the stacks that use it and now get the new version. */
  deployments: z.array(z.strictObject({ stack: StackName, deployment: Id })),
  warnings: z.array(z.string()),
});
export type PutSecretAnswer = z.infer<typeof PutSecretAnswer>;
export const BySecret = z.strictObject({ name: SecretName });
export const RemoveSecret = z.strictObject({ by: Actor, name: SecretName });
export type RemoveSecret = z.infer<typeof RemoveSecret>;

/** For `overseer secret rewrap`: what the recovery identity opens, and for whom it is missing. */
export const SecretRecovery = z.strictObject({
  name: SecretName,
  version: z.int(),
  sealed: Sealed,
  waiting: z.array(z.strictObject({ node: Id, stack: StackName, recipient: AgeRecipient })),
});
export type SecretRecovery = z.infer<typeof SecretRecovery>;
export const RewrapSecret = z.strictObject({
  by: Actor,
  name: SecretName,
  version: z.int(),
  nodes: z.array(SealedForNode).check(z.minLength(1), z.maxLength(1000)),
  /** Further nodes follow, and the last of them deploys: each deployment would take the place of the one before. */
  more: z.optional(z.boolean()),
  /** Of earlier parts, to be deployed with those of this one. */
  stacks: z.optional(z.array(StackName).check(z.maxLength(10_000))),
});
export type RewrapSecret = z.infer<typeof RewrapSecret>;
export const RewrapSecretAnswer = z.pick(PutSecretAnswer, { deployments: true, warnings: true });
export type RewrapSecretAnswer = z.infer<typeof RewrapSecretAnswer>;
/** Body of `POST /api/secrets/{name}/rewrap`: sealed by the one who holds the recovery identity. */
export const RewrapBody = z.omit(RewrapSecret, { by: true, name: true, more: true, stacks: true });
