// Stacks: what an operator wants to run, and where.
import * as z from 'zod/mini';
import { COMPOSE_MAX_BYTES, FILES_MAX_BYTES } from '../limits.ts';
import { Actor, Page } from './actor.ts';
import { DriftItem } from './drift.ts';
import { Hash, Id, LabelKey, LabelValue, StackName, Timestamp } from './ids.ts';
import { LogPolicy } from './log-policy.ts';
import { SecretName } from './secret.ts';
import { GitSource, ImagePolicy, ImageState, SourceState } from './source.ts';

/** Relative, inside the stack's own directory, no empty, `.` or `..` segment, no control character. */
export const RelativePath = z.string().check(
  z.minLength(1),
  z.maxLength(255),
  z.refine(
    (path) =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
      !/[\x00-\x1f\x7f\\]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'must be a relative path inside the stack',
  ),
);

export const Targets = z
  .strictObject({
    nodes: z.optional(z.array(Id).check(z.maxLength(10_000))),
    /** Every label must match. */
    selector: z.optional(z.record(LabelKey, LabelValue)),
  })
  .check(z.refine((t) => t.nodes !== undefined || t.selector !== undefined, 'needs nodes or a selector'));
export type Targets = z.infer<typeof Targets>;

export const Strategy = z.strictObject({
  /** A service must stay up this long after start to count as running. */
  stabilitySeconds: z.optional(z.int().check(z.minimum(0), z.maximum(600))),
  /** Time a deployment has until every service is healthy. */
  healthTimeoutSeconds: z.optional(z.int().check(z.minimum(1), z.maximum(3600))),
  /** Back to the last good revision when this one fails; yes unless `false`. */
  rollback: z.optional(z.boolean()),
  /** Nodes at a time: a number, or a share as `25%`. The first batch is one node. All at once unless said. */
  batch: z.optional(
    z.union([
      z.int().check(z.minimum(1), z.maximum(10_000)),
      z.string().check(z.regex(/^[1-9][0-9]?%$|^100%$/, 'must be a share as 25%')),
    ]),
  ),
  /** Nodes that may be under way or failed at the same time; a batch's worth under way and none failed unless said. */
  maxUnavailable: z.optional(z.int().check(z.minimum(1), z.maximum(10_000))),
  pauseSeconds: z.optional(z.int().check(z.minimum(0), z.maximum(86_400))),
  /** What lets the next batch go: `healthy` (unless said) the outcome of this one, `manual` an operator as well. */
  gate: z.optional(z.enum(['healthy', 'manual'])),
});
export type Strategy = z.infer<typeof Strategy>;

/** How a stack uses one secret. */
export const StackSecret = z.strictObject({
  /** Name of the secret; the name it has in the stack unless said. */
  secret: z.optional(SecretName),
  /** Services that get it as a file; those whose Compose `secrets` name it unless said. */
  services: z.optional(z.array(z.string().check(z.maxLength(128)))),
  /** An environment variable as well. It stays readable in `docker inspect` and on the node's disk. */
  environment: z.optional(
    z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable')),
  ),
});
const ServiceName = z.string().check(z.regex(/^[a-zA-Z0-9._-]{1,128}$/, 'must be the name of a service'));
export const Scale = z.record(ServiceName, z.int().check(z.minimum(0), z.maximum(1000)));
export const Profiles = z
  .array(z.string().check(z.regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/, 'must be the name of a profile')))
  .check(z.maxLength(64));
export const DriftPolicy = z.enum(['report', 'correct']);

export const Environment = z.record(
  z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable')),
  z.string().check(z.maxLength(32_768)),
);

export const StackState = z.enum(['running', 'stopped']);

/** Body of `PUT /api/stacks/{name}`. */
export const StackSpec = z
  .strictObject({
    /** Compose file text, YAML. Left out when `source` says where it comes from. */
    compose: z.optional(z.string().check(z.minLength(1), z.maxLength(COMPOSE_MAX_BYTES))),
    source: z.optional(GitSource),
    /** Path relative to the stack's directory -> text. */
    files: z.optional(
      z
        .record(RelativePath, z.string())
        .check(
          z.refine(
            (files) => Object.values(files).reduce((sum, text) => sum + text.length, 0) <= FILES_MAX_BYTES,
            'files are too large',
          ),
        ),
    ),
    /** Values for `${...}` in the compose text. */
    env: z.optional(Environment),
    /** By the name each has in the stack. A top-level Compose secret that is `external` counts as well. */
    secrets: z.optional(z.record(SecretName, StackSecret)),
    profiles: z.optional(Profiles),
    /** Containers of a service, instead of what the Compose text says. */
    scale: z.optional(Scale),
    /** Hand-made changes on a node: put right (unless said) or only told. */
    drift: z.optional(DriftPolicy),
    /** Stacks that must run on their nodes before this one is deployed. */
    dependsOn: z.optional(z.array(StackName).check(z.maxLength(64))),
    images: z.optional(ImagePolicy),
    logs: z.optional(LogPolicy),
    targets: Targets,
    strategy: z.optional(Strategy),
    state: z.optional(StackState),
  })
  .check(
    z.refine(
      (spec) => (spec.compose === undefined) !== (spec.source === undefined),
      'needs compose or source, not both',
    ),
  );
export type StackSpec = z.infer<typeof StackSpec>;

export const StackOnNode = z.strictObject({
  node: Id,
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
  revision: z.nullable(z.int()),
  reason: z.nullable(z.string()),
  drift: z.array(DriftItem),
});
export type StackOnNode = z.infer<typeof StackOnNode>;

export const Stack = z.strictObject({
  name: StackName,
  revision: z.int(),
  state: StackState,
  targets: Targets,
  /** Deployment of the newest revision. */
  deployment: z.nullable(Id),
  nodes: z.array(StackOnNode),
  /** Nodes on which it was stopped though the stack runs. */
  stoppedNodes: z.array(Id),
  source: z.nullable(SourceState),
  images: z.array(ImageState),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Stack = z.infer<typeof Stack>;

export const StackDetail = z.extend(Stack, {
  spec: StackSpec,
  /** Text of the present revision, sent or fetched; empty before the first was fetched. */
  compose: z.string(),
});
export type StackDetail = z.infer<typeof StackDetail>;
/** As it travels: a text that was sent stands once, in the specification; `compose` is null then. */
export const StackAnswer = z.extend(StackDetail, { compose: z.nullable(z.string()) });
export type StackAnswer = z.infer<typeof StackAnswer>;
export const StackList = z.strictObject({ items: z.array(Stack), nextCursor: z.nullable(z.string()) });
export type StackList = z.infer<typeof StackList>;

export const Revision = z.strictObject({
  revision: z.int(),
  hash: Hash,
  createdAt: Timestamp,
  createdBy: z.string(),
  deployment: z.nullable(Id),
  /** Commit it was made from, for stacks with a git source. */
  commit: z.nullable(z.string()),
});
export const RevisionDetail = z.extend(Revision, {
  compose: z.string(),
  files: z.record(z.string(), z.string()),
  /** Names only: what stands behind them may be nobody else's business. */
  env: z.array(z.string()),
  /** Service -> image with the digest that its tag stood for. */
  pins: z.optional(z.record(z.string(), z.string())),
});
export type RevisionDetail = z.infer<typeof RevisionDetail>;
export const RevisionList = z.strictObject({ items: z.array(Revision), nextCursor: z.nullable(z.string()) });
export type RevisionList = z.infer<typeof RevisionList>;

export const PutStack = z.strictObject({
  by: Actor,
  name: StackName,
  spec: StackSpec,
  /** What must be the newest revision until now; 0: there must be no such stack. Null: whatever is there. */
  onRevision: z.nullable(z.int().check(z.minimum(0))),
  /** How long the answer is waited for: nothing is stored later. A minute unless said. */
  withinMs: z.optional(z.int().check(z.minimum(1), z.maximum(600_000))),
});
export type PutStack = z.infer<typeof PutStack>;
export const PutStackAnswer = z.strictObject({
  name: StackName,
  revision: z.int(),
  deployment: z.nullable(Id),
  /** False when the same content was there already. */
  changed: z.boolean(),
  warnings: z.array(z.string()),
});
export type PutStackAnswer = z.infer<typeof PutStackAnswer>;
export const RemoveStack = z.strictObject({
  by: Actor,
  name: StackName,
  /** Named volumes go too. Never unless asked. */
  volumes: z.boolean(),
});
export type RemoveStack = z.infer<typeof RemoveStack>;
export const RemoveStackAnswer = z.strictObject({ name: StackName, deployment: Id });
export type RemoveStackAnswer = z.infer<typeof RemoveStackAnswer>;
export const RollbackStack = z.strictObject({
  by: Actor,
  name: StackName,
  /** The newest before the present one that succeeded, unless said. */
  revision: z.nullable(z.int()),
});
export type RollbackStack = z.infer<typeof RollbackStack>;
/** Body of `POST /api/stacks/{name}/rollback`. */
export const RollbackBody = z.strictObject({ revision: z.optional(z.int().check(z.minimum(1))) });
export const GetRevision = z.strictObject({ name: StackName, revision: z.int().check(z.minimum(1)) });
export type GetRevision = z.infer<typeof GetRevision>;
export const ByName = z.strictObject({ name: StackName });
export const ListStacks = z.strictObject({ node: z.optional(Id), ...Page });
export type ListStacks = z.infer<typeof ListStacks>;
