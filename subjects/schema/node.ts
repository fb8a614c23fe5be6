// Nodes as the registry knows them, and the rights to add one.
import * as z from 'zod/mini';
import { Actor } from './actor.ts';
import { Generation, Hash, Id, Labels, NodeKey, NodeName, Timestamp } from './ids.ts';

export const Liveness = z.enum(['pending', 'online', 'suspect', 'offline']);
export type Liveness = z.infer<typeof Liveness>;

const short = z.string().check(z.maxLength(128));

/** What an agent tells of its machine, at enrollment and in each hello. Sizes in bytes. */
export const Facts = z.strictObject({
  hostname: short,
  os: short,
  arch: short,
  kernel: short,
  cpus: z.int().check(z.minimum(0)),
  memoryBytes: z.int().check(z.minimum(0)),
  dockerVersion: z.optional(short),
  composeVersion: z.optional(short),
});
export type Facts = z.infer<typeof Facts>;

/** Settings an operator gives a node; they travel in its desired document. */
export const NodeConfig = z.strictObject({
  name: NodeName,
  labels: Labels,
  /** Between heartbeats, before jitter. */
  heartbeatSeconds: z.int().check(z.minimum(1), z.maximum(300)),
  /** The agent keeps reporting but changes nothing. */
  paused: z.boolean(),
  /** Placement takes its stacks away and gives it no new ones. */
  drained: z.boolean(),
  /** Images that nothing needs are removed every day: those without a name, or all. Off unless said. */
  pruneImages: z.optional(z.enum(['off', 'dangling', 'unused'])),
});
export type NodeConfig = z.infer<typeof NodeConfig>;
export const NodeConfigPatch = z.partial(NodeConfig);
export type NodeConfigPatch = z.infer<typeof NodeConfigPatch>;

export const Node = z.strictObject({
  id: Id,
  name: NodeName,
  labels: Labels,
  liveness: Liveness,
  lastSeenAt: z.nullable(Timestamp),
  /** Since the last change of liveness. */
  livenessSince: z.nullable(Timestamp),
  agentVersion: z.nullable(short),
  bootId: z.nullable(short),
  /** Agent's clock minus the core's, in milliseconds, at the last heartbeat. */
  clockOffsetMs: z.nullable(z.int()),
  observedGeneration: z.nullable(Generation),
  heartbeatSeconds: z.int(),
  paused: z.boolean(),
  drained: z.boolean(),
  pruneImages: z.optional(z.enum(['off', 'dangling', 'unused'])),
  facts: z.nullable(Facts),
  ageRecipient: z.nullable(z.string()),
  createdAt: Timestamp,
  credentialExpiresAt: z.nullable(Timestamp),
});
export type Node = z.infer<typeof Node>;

export const NodeList = z.strictObject({ items: z.array(Node), nextCursor: z.nullable(z.string()) });

export const EnrollmentTokenSpec = z.strictObject({
  /** Life of the token; an hour unless said, a day at most. */
  ttlSeconds: z.optional(z.int().check(z.minimum(1), z.maximum(86_400))),
  uses: z.optional(z.int().check(z.minimum(1), z.maximum(10_000))),
  labels: z.optional(Labels),
  /** Name of the node; its host name unless said. */
  name: z.optional(NodeName),
});
export type EnrollmentTokenSpec = z.infer<typeof EnrollmentTokenSpec>;

export const EnrollmentToken = z.strictObject({
  id: Id,
  name: z.nullable(NodeName),
  labels: Labels,
  uses: z.int(),
  used: z.int(),
  createdAt: Timestamp,
  expiresAt: Timestamp,
  revokedAt: z.nullable(Timestamp),
});
export type EnrollmentToken = z.infer<typeof EnrollmentToken>;

/** The only time the token itself is shown. */
export const IssuedEnrollmentToken = z.strictObject({
  id: Id,
  token: z.string(),
  expiresAt: Timestamp,
});

export const CreateEnrollmentToken = z.strictObject({
  by: Actor,
  spec: EnrollmentTokenSpec,
  /** Where agents reach the gateway; carried inside the token. */
  url: z.url(),
});

/** What `overseer-agent enroll` posts. `proof` signs the token with the node's NKey (base64url, domain prefixed). */
export const Registration = z.strictObject({
  token: z.string().check(z.minLength(16), z.maxLength(4096)),
  publicKey: NodeKey,
  ageRecipient: z.string().check(z.regex(/^age1[a-z0-9]{20,100}$/, 'must be an age recipient')),
  proof: z.string().check(z.maxLength(128)),
  agentVersion: short,
  facts: Facts,
});
export type Registration = z.infer<typeof Registration>;

/** An expired credential renewed over HTTP: the NKey signs node id and time, so months off cost one call. */
export const Reauthentication = z.strictObject({
  node: Id,
  at: Timestamp,
  proof: z.string().check(z.maxLength(128)),
});
export type Reauthentication = z.infer<typeof Reauthentication>;

export const Credential = z.strictObject({
  /** NATS user JWT. */
  jwt: z.string(),
  expiresAt: Timestamp,
});
export type Credential = z.infer<typeof Credential>;

export const Registered = z.strictObject({
  node: z.strictObject({ id: Id, name: NodeName, labels: Labels }),
  credential: Credential,
  /** Raw Ed25519 public key that signs documents and commands (base64url); the agent pins it. */
  documentSigner: z.string(),
});

/** Registered, as the gateway hands it to the agent: with the way to the bus. */
export const RegistrationAnswer = z.extend(Registered, {
  nats: z.strictObject({ servers: z.array(z.string()), ca: z.string() }),
});
export type RegistrationAnswer = z.infer<typeof RegistrationAnswer>;

export const Hello = z.strictObject({
  kind: z.literal('hello'),
  agentVersion: short,
  bootId: Id,
  /** Unguessable token of this boot that commands must name. */
  nonce: Id,
  facts: Facts,
});
export type Hello = z.infer<typeof Hello>;
export const Welcome = z.strictObject({ time: Timestamp });

/** Lossy; every `heartbeatSeconds` with jitter. */
export const Heartbeat = z.strictObject({
  kind: z.literal('heartbeat'),
  bootId: Id,
  sequence: z.int().check(z.minimum(0)),
  agentVersion: short,
  intervalSeconds: z.int().check(z.minimum(1), z.maximum(3600)),
  /** The agent's clock. */
  at: Timestamp,
  observedGeneration: Generation,
  /** Hash of the document the agent holds; null before the first. */
  documentHash: z.nullable(Hash),
});
export type Heartbeat = z.infer<typeof Heartbeat>;
